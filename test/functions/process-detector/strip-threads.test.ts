import { expect, test } from 'vitest';
import { crewedWorkspace } from '../../../functions/process-detector/strip-threads.ts';
import { smoothGaussian } from '../../../shared/domain/image/smooth.ts';
import { noise } from '../../domain/image/kernels/planes.ts';

/** The bytes that smoothing gives on so many threads, twice one after another. */
async function smoothed(threads: number): Promise<Buffer> {
  const { workspace, stop } = crewedWorkspace(threads);
  const [width, height] = [301, 257];
  const [image, out, again] = [1, 2, 3].map(() => workspace.floats(width * height));
  image.set(noise(width * height, 5));
  smoothGaussian(workspace, image, out, width, height, 2);
  smoothGaussian(workspace, out, again, width, height, 1);
  await stop();
  return Buffer.from(Uint8Array.from(new Uint8Array(again.buffer, again.byteOffset, again.byteLength)));
}

test('three threads give the bytes that one gives', { timeout: 30_000 }, async () => {
  expect((await smoothed(3)).equals(await smoothed(1))).toBe(true);
});
