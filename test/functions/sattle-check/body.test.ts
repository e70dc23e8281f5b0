import { describe, expect, it, vi } from 'vitest';
import { readBody, withBody } from '../../../functions/sattle-check/body.ts';
import { turnstile } from '../../../functions/sattle-check/turnstile.ts';

const limit = { bytes: 100, seconds: 0.2 };

/** A request whose body comes in these pieces, then ends, stays open or breaks. */
function request(pieces: readonly string[], then: 'end' | 'hang' | 'break' = 'end') {
  let cancelled = false;
  const body = new ReadableStream({
    start(stream) {
      for (const piece of pieces) stream.enqueue(Buffer.from(piece));
      if (then === 'end') stream.close();
      if (then === 'break') stream.error(new Error('connection reset'));
    },
    cancel() {
      cancelled = true;
    },
  });
  const options = { method: 'PUT', body, duplex: 'half' };
  return { sent: new Request('http://gate/', options), cancelled: () => cancelled };
}

describe('the body of a request', () => {
  it('is read whole, in a buffer of its own', async () => {
    const read = await readBody(request(['{"visit', '_id": 1}']).sent, limit);
    expect(Buffer.from(read).toString()).toBe('{"visit_id": 1}');
    expect(read.byteLength).toBe(read.buffer.byteLength);
    const none = await readBody(new Request('http://gate/', { method: 'PUT' }), limit);
    expect(none.byteLength).toBe(0);
  });

  it('is refused over the limit, whether it says its length or not', async () => {
    const { sent, cancelled } = request(['x'.repeat(60), 'x'.repeat(60)], 'hang');
    await expect(readBody(sent, limit)).rejects.toMatchObject({ status: 413, reason: 'too_large' });
    expect(cancelled()).toBe(true);
    const said = new Request('http://gate/', { method: 'PUT', headers: { 'content-length': '101' } });
    await expect(readBody(said, limit)).rejects.toMatchObject({ status: 413 });
  });

  it('is refused when it takes too long, and its rest is not waited for', async () => {
    const { sent, cancelled } = request(['x'], 'hang');
    await expect(readBody(sent, limit)).rejects.toMatchObject({ status: 408, reason: 'slow_body' });
    expect(cancelled()).toBe(true);
    await expect(readBody(request(['x'], 'break').sent, limit)).rejects.toThrow('connection reset');
  });

  it('is read beyond the lane’s bytes in its turn only, and a small one at once', async () => {
    const lane = { bytes: 10, turns: turnstile(1) };
    const first = Promise.withResolvers<void>();
    const lengths: number[] = [];
    const work = (until?: Promise<void>) => async (body: Uint8Array) => {
      lengths.push(body.length);
      await until;
    };
    const large = () => request(['x'.repeat(30), 'x'.repeat(30)]).sent;
    const begun = withBody(large(), limit, lane, work(first.promise));
    await vi.waitFor(() => expect(lengths).toEqual([60]));
    const next = withBody(large(), limit, lane, work());
    await withBody(request(['xxxxx']).sent, limit, lane, work());
    expect(lengths).toEqual([60, 5]);
    first.resolve();
    await Promise.all([begun, next]);
    expect(lengths).toEqual([60, 5, 60]);
    const over = withBody(request(['x'.repeat(60), 'x'.repeat(60)]).sent, limit, lane, work());
    await expect(over).rejects.toMatchObject({ status: 413 });
  });
});
