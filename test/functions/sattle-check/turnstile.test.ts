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
  it('lets in what has room, in the order it came, so that nobody heavy is passed for ever', async () => {
    const { begun, work, end } = crew();
    const gate = turnstile(10);
    for (const [name, weight] of Object.entries({ a: 4, b: 5, c: 6, d: 1, e: 1 }))
      void gate.pass(weight, never, work(name));
    await end('');
    expect(begun).toEqual(['a', 'b']);
    await end('a');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('lets in alone what is heavier than the whole', async () => {
    const { begun, work, end } = crew();
    const gate = turnstile(10);
    void gate.pass(1, never, work('light'));
    void gate.pass(99, never, work('heavy'));
    void gate.pass(1, never, work('last'));
    await end('');
    expect(begun).toEqual(['light']);
    await end('light');
    expect(begun).toEqual(['light', 'heavy']);
    await end('heavy');
    expect(begun).toEqual(['light', 'heavy', 'last']);
  });

  it('drops who goes away before its turn, and lets the next one in', async () => {
    const { begun, work, end } = crew();
    const gate = turnstile(2);
    const gone = new AbortController();
    void gate.pass(1, never, work('first'));
    const dropped = gate.pass(2, gone.signal, work('gone'));
    void gate.pass(1, never, work('next'));
    await end('');
    expect(begun).toEqual(['first']);
    gone.abort(new Error('went away'));
    await expect(dropped).rejects.toThrow('went away');
    await expect(gate.pass(1, gone.signal, work('late'))).rejects.toThrow('went away');
    expect(begun).toEqual(['first', 'next']);
  });

  it('makes room again after work that fails', async () => {
    const gate = turnstile(1);
    const failing = gate.pass(1, never, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await gate.pass(1, never, async () => 'well')).toBe('well');
  });
});
