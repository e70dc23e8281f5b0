import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countText,
  decText,
  durationText,
  fluxText,
  millisecondsText,
  raText,
  shareText,
  shortId,
  utcText,
} from '../../../cli/console/page/text.ts';

describe('positions as text', () => {
  it('are sexagesimal', () => {
    expect(raText(53.25)).toBe('03h33m00.000s');
    expect(decText(-27.5)).toBe('\u221227°30′00.00″');
    expect(decText(-0.25)).toBe('\u221200°15′00.00″');
  });

  it('are rounded once, so that no 60 appears', () => {
    expect(raText(359.999999999)).toBe('24h00m00.000s');
    expect(decText(89.9999999999)).toBe('+90°00′00.00″');
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), (deg) => {
        const [, sign, degrees, minutes, seconds] = /^(.)(\d+)°(\d\d)′(\d\d\.\d\d)″$/.exec(decText(deg))!;
        expect(Number(minutes)).toBeLessThan(60);
        expect(Number(seconds)).toBeLessThan(60);
        const value = Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600;
        expect(Math.abs((sign === '+' ? value : -value) - deg) * 3600).toBeLessThan(0.00501);
      }),
      { numRuns: 200 },
    );
  });
});

it('numbers have the digits that they need', () => {
  expect(fluxText(-1234.56)).toBe('\u22121,235');
  expect(fluxText(12.34)).toBe('12.3');
  expect(fluxText(0.314)).toBe('0.31');
  expect(fluxText(null)).toBe('–');
  expect(countText(12345)).toBe('12,345');
  expect(shortId('169760235333878021')).toBe('…33878021');
  expect(utcText(Date.UTC(2026, 2, 6, 1, 30, 5))).toBe('2026-03-06 01:30:05');
});

it.each([
  [0.0042, '4 ms'],
  [0.0996, '100 ms'],
  [0.25, '0.25 s'],
  [2.04, '2.0 s'],
])('%f s are %s', (seconds, text) => {
  expect(millisecondsText(seconds)).toBe(text);
});

it.each([
  [40, '40 s'],
  [150, '3 min'],
  [12_600, '3.5 h'],
])('%i s of waiting are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

it('a share has a digit more where it is small', () => {
  expect([0.0064, 0.0996, 0.5].map(shareText)).toEqual(['0.6\u00a0%', '10.0\u00a0%', '50\u00a0%']);
});
