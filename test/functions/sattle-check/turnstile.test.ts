import { describe, expect, it } from 'vitest';
import { turnstile } from '../../../functions/sattle-check/turnstile.ts';

const never = new AbortController().signal;

/** Work that ends when it is told to, and what has begun so far. */
function crew() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(name, resolve);
    return promise;
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise(setImmediate);
  };
  return { begun, work, end };
}

describe('a turnstile', () => {
  it('lets in so many at once, the others in the order they came', async () => {
    const { begun, work, end } = crew();
    const gate = turnstile(2);
    for (const name of ['a', 'b', 'c', 'd']) void gate.pass(never, work(name));
    await end('');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('drops who goes away before its turn, and lets the next one in', async () => {
    const { begun, work, end } = crew();
    const gate = turnstile(1);
    const gone = new AbortController();
    void gate.pass(never, work('first'));
    const dropped = gate.pass(gone.signal, work('gone'));
    void gate.pass(never, work('next'));
    await end('');
    gone.abort(new Error('went away'));
    await expect(dropped).rejects.toThrow('went away');
    await expect(gate.pass(gone.signal, work('late'))).rejects.toThrow('went away');
    expect(begun).toEqual(['first']);
    await end('first');
    expect(begun).toEqual(['first', 'next']);
  });

  it('makes room again after work that fails', async () => {
    const gate = turnstile(1);
    const failing = gate.pass(never, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await gate.pass(never, async () => 'well')).toBe('well');
  });
});
