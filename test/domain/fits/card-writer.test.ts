import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { formatHeader } from '#shared/domain/fits/card-writer.ts';
import type { Card, Header } from '#shared/domain/fits/header.ts';

const lines = (...header: Header): string[] =>
  (Buffer.from(formatHeader(header)).toString('latin1').match(/.{80}/g) ?? [])
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

const ascii = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)), maxLength });
const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_');
const word = fc.string({ unit: letter, minLength: 1, maxLength: 8 });
const keyword = fc
  .oneof(
    word,
    fc.tuple(word, word).map((words) => words.join(' ')),
  )
  .filter((name) => !['COMMENT', 'HISTORY', 'CONTINUE', 'HIERARCH', 'END'].includes(name.split(' ')[0]));
const value = fc.oneof(
  ascii(300).map((text) => text.trimEnd()),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).filter((big) => big > 2n ** 53n || big < -(2n ** 53n)),
  fc.boolean(),
  fc.constant(null),
);
const card: fc.Arbitrary<Card> = fc.record({ keyword, value });

describe('formatHeader', () => {
  it('writes what parseHeader reads as the same cards', () => {
    fc.assert(
      fc.property(fc.array(card, { maxLength: 60 }), (header) => {
        const bytes = formatHeader(header);
        expect(bytes.length % 2880).toBe(0);
        expect(parseHeader(bytes)).toEqual({ header, end: bytes.length });
      }),
      { numRuns: 200 },
    );
  });

  it('writes the fixed format, and comments as far as they fit', () => {
    expect(
      lines(
        { keyword: 'SIMPLE', value: true, comment: 'conforms' },
        { keyword: 'NAXIS1', value: 576 },
        { keyword: 'OBJECT', value: "it's" },
        { keyword: 'EXPTIME', value: 30.9487 },
        { keyword: 'TINY', value: -1e-7 },
        { keyword: 'ZERO', value: -0 },
        { keyword: 'SEEING', value: null, comment: 'not measured' },
        { keyword: 'STUTTER ROWS', value: 0, comment: 'of the shutter' },
        { keyword: 'LONG', value: 1, comment: 'x'.repeat(60) },
        { keyword: '', value: '   a title' },
        { keyword: 'COMMENT', value: 'y'.repeat(80) },
      ),
    ).toEqual([
      'SIMPLE  =                    T / conforms',
      'NAXIS1  =                  576',
      "OBJECT  = 'it''s   '",
      'EXPTIME =              30.9487',
      'TINY    =              -1.0E-7',
      'ZERO    =                 -0.0',
      'SEEING  =                      / not measured',
      'HIERARCH STUTTER ROWS = 0      / of the shutter',
      `LONG    =                    1 / ${'x'.repeat(47)}`,
      '           a title',
      `COMMENT ${'y'.repeat(72)}`,
      `COMMENT ${'y'.repeat(8)}`,
      'END',
    ]);
  });

  it('continues long strings and breaks no pair of quotes', () => {
    expect(
      lines({ keyword: 'URI', value: `${'a'.repeat(66)}'b'${'c'.repeat(70)}`, comment: 'where' }),
    ).toEqual([
      `URI     = '${'a'.repeat(66)}&'`,
      `CONTINUE  '''b''${'c'.repeat(62)}&'`,
      "CONTINUE  'cccccccc'           / where",
      'END',
    ]);
  });

  it.each<[Card, string]>([
    [{ keyword: 'GAIN', value: Number.NaN }, 'GAIN is NaN, which a FITS header cannot hold'],
    [{ keyword: 'GAIN', value: -Infinity }, 'GAIN is -Infinity'],
    [{ keyword: 'TEMP', value: '20\u00b0C' }, 'TEMP has the character U+00B0'],
    [{ keyword: 'A', value: 1, comment: 'two\nlines' }, 'A has the character U+000A'],
    [{ keyword: 'Bad=Key', value: 1 }, "'Bad=Key' is no FITS keyword"],
    [{ keyword: 'END', value: 1 }, "'END' is no FITS keyword"],
    [{ keyword: 'X'.repeat(61), value: 1 }, 'is no FITS keyword'],
    [{ keyword: 'X'.repeat(60), value: 1.2345678e-200 }, 'too long for one card'],
  ])('refuses %o', (bad, message) => {
    expect(() => formatHeader([bad])).toThrow(message);
  });
});
