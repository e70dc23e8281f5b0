import { describe, expect, it } from 'vitest';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { type CardValue, FitsError } from '#shared/domain/fits/header.ts';
import { fixture, headerBytes } from './fixtures.ts';

/** astropy gathers commentary cards at the end; here they stay where they are. */
const byKeyword = (a: readonly unknown[], b: readonly unknown[]) => String(a[0]).localeCompare(String(b[0]));

const value = (line: string): CardValue => parseHeader(headerBytes(line)).header[0].value;

describe('parseHeader', () => {
  it('reads what astropy reads: long strings, HIERARCH, undefined, big and Fortran numbers', () => {
    const { header, end } = parseHeader(fixture('header.fits'));
    const expected: [string, unknown, string][] = JSON.parse(Buffer.from(fixture('header.json')).toString());
    const read = header.map(({ keyword, value, comment }) => [
      keyword,
      typeof value === 'bigint' ? { bigint: String(value) } : value,
      comment ?? '',
    ]);
    expect(read.sort(byKeyword)).toEqual(expected.sort(byKeyword));
    expect(end).toBe(2880);
  });

  it('needs no more than the header itself, and starts anywhere', () => {
    const lines = Array.from({ length: 50 }, (_, k) => `KEY${k}    = ${k}`.replace(/^(.{8}) +=/, '$1='));
    const bytes = headerBytes(...lines);
    const { header, end } = parseHeader(
      Buffer.concat([Buffer.alloc(2880), bytes.subarray(0, 51 * 80)]),
      2880,
    );
    expect(header).toHaveLength(50);
    expect(end).toBe(2880 + 5760);
  });

  it.each<[string, CardValue]>([
    ['A       = 9007199254740991', 9007199254740991],
    ['A       = -9007199254740993', -9007199254740993n],
    ['A       = +9007199254740993', 9007199254740993n],
    ['A       = -.5', -0.5],
    ['A       = 5.', 5],
    ['A       = 1e3', 1000],
    ['A       = 1E999', '1E999'],
    ['A       = NaN', 'NaN'],
    ["A       = ''''", "'"],
    ["A       = 'it''s   '  / x", "it's"],
    ["A       = 'no end", "'no end"],
    ["A       = '50%&'", '50%&'],
    ['A       =', null],
    ['A       = / only a comment', null],
    ["HIERARCH a b = 'c' / d", 'c'],
    ['COMMENT = 5', '= 5'],
    ['A       5', '5'],
    ["CONTINUE  'alone'", "  'alone'"],
  ])('%s', (line, expected) => {
    expect(value(line)).toEqual(expected);
  });

  it('takes a card without a value indicator as text, and CONTINUE only after an ampersand', () => {
    const { header } = parseHeader(
      headerBytes("A       = 'x'", "CONTINUE  'y'", "B       = 'x&'", "CONTINUE  'y'"),
    );
    expect(header.map((card) => [card.keyword, card.value])).toEqual([
      ['A', 'x'],
      ['CONTINUE', "  'y'"],
      ['B', 'xy'],
    ]);
  });

  it('joins a string of a whole header in a moment', () => {
    const piece = `CONTINUE  '${'y'.repeat(66)}&'`;
    const { header } = parseHeader(
      headerBytes("A       = '&'", ...Array<string>(35_000).fill(piece), "CONTINUE  'z'"),
    );
    expect(header.map((card) => String(card.value).length)).toEqual([35_000 * 66 + 1]);
  }, 2000);

  it('shows a question mark for what a header may not hold', () => {
    expect(value("A       = '20\u00b0\u0000C'")).toBe('20??C');
  });

  it('says where a header has no END', () => {
    const bytes = headerBytes('SIMPLE  =                    T').subarray(0, 80);
    expect(() => parseHeader(bytes)).toThrow(FitsError);
    expect(() => parseHeader(bytes)).toThrow('The header at byte 0 has no END card in the 80 bytes left');
    expect(() => parseHeader(new Uint8Array(0))).toThrow('in the 0 bytes left');
  });

  it('stops looking for END after a thousand blocks', () => {
    const endless = new Uint8Array(2880 * 1001).fill(32);
    expect(() => parseHeader(endless)).toThrow('no END card in its first 2880000 bytes');
  });
});
