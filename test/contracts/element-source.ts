import { isFault } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import type { ElementSource } from '#shared/ports/element-source.ts';
import { opened } from './suite.ts';

/** A place from which a driver reads. */
export interface ElementPlace {
  open(): Promise<ElementSource>;
  /** Makes the place hold this text; each is newer than the one before. */
  give(text: string): Promise<void>;
  /** Makes the place unreachable. */
  remove(): Promise<void>;
  /** Whether the place can say that nothing has changed. */
  readonly isConditional: boolean;
  /** Whether the place can be there and hold nothing. */
  readonly canBeEmpty: boolean;
}

/** What every element-source does, whatever it stands on. */
export function elementSourceContract(name: string, make: () => Promise<ElementPlace>): void {
  describe(`element-source on ${name}`, () => {
    test('gives the whole text, byte for byte', async () => {
      const place = await make();
      const source = await opened(() => place.open());
      const text = `\uFEFF${'1 00005U żółć 🔭\r\n'.repeat(20_000)}`;
      await place.give(text);
      const fetched = await source.fetch({});
      expect(fetched.kind === 'new' && Buffer.from(fetched.bytes).toString()).toBe(text);
    });

    test('says that nothing changed, and gives what did', async () => {
      const place = await make();
      const source = await opened(() => place.open());
      await place.give('first');
      const first = await source.fetch({});
      const validator = first.kind === 'new' ? first.validator : undefined;
      expect(validator === undefined).toBe(!place.isConditional);
      const again = await source.fetch({ validator });
      expect(again.kind).toBe(place.isConditional ? 'unchanged' : 'new');
      await place.give('second');
      const second = await source.fetch({ validator });
      expect(second.kind === 'new' && Buffer.from(second.bytes).toString()).toBe('second');
      expect(second.kind === 'new' && second.validator !== validator).toBe(place.isConditional);
    });

    test('that holds nothing yet says so', async () => {
      const place = await make();
      if (!place.canBeEmpty) return;
      const source = await opened(() => place.open());
      expect(await source.fetch({})).toEqual({ kind: 'nothing' });
    });

    test('that cannot be reached is the dependency’s fault, in a sentence without what it held', async () => {
      const place = await make();
      const source = await opened(() => place.open());
      await place.give('4.321 confidential');
      await place.remove();
      const failure = await source.fetch({}).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (place.canBeEmpty && failure === undefined) return;
      expect(isFault(failure) && failure.blame).toBe('dependency');
      expect(String(failure)).toMatch(/^Fault: .*tested.*\.$/);
      expect(String(failure)).not.toContain('confidential');
    });

    test('gives up when it is told to', async () => {
      const place = await make();
      const source = await opened(() => place.open());
      await place.give('text');
      await expect(source.fetch({ signal: AbortSignal.abort(new Error('told to')) })).rejects.toThrow(
        'told to',
      );
    });
  });
}
