import { describe, expect, it } from 'vitest';
import {
  booleanOf,
  cardValue,
  FitsError,
  type Header,
  numberOf,
  requireInteger,
  requireNumber,
  requireText,
  textOf,
} from '#shared/domain/fits/header.ts';

const header: Header = [
  { keyword: 'EXPTIME', value: 30 },
  { keyword: 'EXPTIME', value: 15 },
  { keyword: 'OBJECT', value: 'M 13' },
  { keyword: 'SEEING', value: null },
  { keyword: 'EXTEND', value: true },
  { keyword: 'VISIT', value: 2n ** 60n },
];

describe('questions to a header', () => {
  it('answers with the first card, and by type', () => {
    expect(cardValue(header, 'EXPTIME')).toBe(30);
    expect(numberOf(header, 'EXPTIME')).toBe(30);
    expect(textOf(header, 'OBJECT')).toBe('M 13');
    expect(booleanOf(header, 'EXTEND')).toBe(true);
    expect(cardValue(header, 'SEEING')).toBeNull();
    expect(cardValue(header, 'VISIT')).toBe(2n ** 60n);
  });

  it('does not take one type for another', () => {
    expect(numberOf(header, 'OBJECT')).toBeUndefined();
    expect(numberOf(header, 'VISIT')).toBeUndefined();
    expect(textOf(header, 'SEEING')).toBeUndefined();
    expect(booleanOf(header, 'EXPTIME')).toBeUndefined();
    expect(cardValue(header, 'GAIN')).toBeUndefined();
  });

  it('names the keyword and what stands there where it requires one', () => {
    expect(requireNumber(header, 'EXPTIME')).toBe(30);
    expect(requireText(header, 'OBJECT')).toBe('M 13');
    expect(() => requireNumber(header, 'GAIN')).toThrow(
      new FitsError('GAIN is missing, which must be a number.'),
    );
    expect(() => requireNumber(header, 'OBJECT')).toThrow("OBJECT is 'M 13' and must be a number.");
    expect(() => requireText(header, 'SEEING')).toThrow('SEEING is null and must be a string.');
  });

  it('holds integers to their range', () => {
    expect(requireInteger(header, 'EXPTIME', { least: 0, most: 30 })).toBe(30);
    expect(requireInteger(header, 'GAIN', { least: 0, most: 30, absent: 7 })).toBe(7);
    expect(() => requireInteger(header, 'EXPTIME', { least: 0, most: 29 })).toThrow(
      'EXPTIME is 30 and must be an integer from 0 to 29.',
    );
    expect(() => requireInteger(header, 'VISIT', { least: 0, most: 9 })).toThrow(
      'VISIT is 1152921504606846976',
    );
  });
});
