import { expect, it } from 'vitest';
import { createByteChunks } from '#shared/domain/fits/byte-chunks.ts';

it('keeps bytes of any lengths in order and fills their last block with zeros', () => {
  const chunks = createByteChunks();
  const parts = [5, 0, 2_500_000, 1, 300_000].map((length, k) => new Uint8Array(length).fill(k + 1));
  for (const part of parts) chunks.append(part);
  expect(chunks.length).toBe(2_800_006);
  const before = 32 * 7;
  const finished = chunks.finish(before);
  const bytes = Buffer.concat(finished);
  expect((before + bytes.length) % 2880).toBe(0);
  expect(bytes.subarray(0, 2_800_006).equals(Buffer.concat(parts))).toBe(true);
  expect(bytes.subarray(2_800_006).every((byte) => byte === 0)).toBe(true);
  for (const chunk of finished.slice(0, -1)) expect(chunk.length % 4).toBe(0);
});

it('is nothing but the fill where nothing came', () => {
  expect(createByteChunks().finish(2880)).toEqual([]);
  expect(Buffer.concat(createByteChunks().finish(8)).length).toBe(2872);
});
