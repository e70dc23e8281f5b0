/** Digits of an alpha-5 number: I and O are left out, so that nobody takes them for 1 and 0. */
const alpha5Letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
/** Nine digits, of which CCSDS and the United States Space Force speak; a TLE ends at 339,999. */
const greatestNumber = 999_999_999;

/**
 * The number of an object in the United States' catalogue (NORAD_CAT_ID): a whole number, its digits, or the five
 * columns of a TLE, where a letter stands for the first two of six digits (alpha-5: A0000 is 100,000 and Z9999
 * 339,999). Throws RangeError, which does not repeat the text, for anything else.
 */
export function catalogNumber(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const alpha5 = /^([A-HJ-NP-Z])(\d{4})$/.exec(text);
  if (alpha5) return (alpha5Letters.indexOf(alpha5[1]) + 10) * 10_000 + Number(alpha5[2]);
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= greatestNumber) return number;
  throw new RangeError(
    `NORAD_CAT_ID is no whole number from 1 to ${greatestNumber}, nor a letter (not I or O) with four digits.`,
  );
}
