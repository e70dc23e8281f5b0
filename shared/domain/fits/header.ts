/**
 * A FITS header as plain data, and questions to it. FITS Standard 4.0 (2018), section 4.
 */

/**
 * The value of a card. `null` is the standard's undefined value (a value indicator and nothing behind it).
 * Integers beyond 2^53 are bigint. A value field of a form that is none of these (a complex number, a bare
 * word) is kept as its text.
 */
export type CardValue = string | number | bigint | boolean | null;

/**
 * One keyword of a header. COMMENT, HISTORY and the blank keyword carry their text as value. A keyword that
 * is longer than eight characters, or has blanks, is a HIERARCH card (`STUTTER ROWS`); a string that went
 * over several cards (CONTINUE) is one value here.
 */
export interface Card {
  readonly keyword: string;
  readonly value: CardValue;
  readonly comment?: string;
}

/** The cards of one HDU in their order, without END. */
export type Header = readonly Card[];

/** What is wrong with these bytes, or with what was asked to be written. Nothing else leaves this folder. */
export class FitsError extends Error {
  override readonly name = 'FitsError';
}

/** Value of the first card with this keyword; undefined where there is none. */
export function cardValue(header: Header, keyword: string): CardValue | undefined {
  return header.find((card) => card.keyword === keyword)?.value;
}

/** The keyword's value where it is a string. */
export function textOf(header: Header, keyword: string): string | undefined {
  const value = cardValue(header, keyword);
  return typeof value === 'string' ? value : undefined;
}

/** The keyword's value where it is a number that a double holds exactly as written. */
export function numberOf(header: Header, keyword: string): number | undefined {
  const value = cardValue(header, keyword);
  return typeof value === 'number' ? value : undefined;
}

/** The keyword's value where it is a logical. */
export function booleanOf(header: Header, keyword: string): boolean | undefined {
  const value = cardValue(header, keyword);
  return typeof value === 'boolean' ? value : undefined;
}

/** The keyword's number, or a FitsError that names the keyword and what stands there. */
export function requireNumber(header: Header, keyword: string): number {
  return numberOf(header, keyword) ?? refuse(header, keyword, 'a number');
}

/** The keyword's string, or a FitsError that names the keyword and what stands there. */
export function requireText(header: Header, keyword: string): string {
  return textOf(header, keyword) ?? refuse(header, keyword, 'a string');
}

/** The keyword's integer within [least, most], or a FitsError; `absent` stands in where there is no card. */
export function requireInteger(
  header: Header,
  keyword: string,
  { least, most, absent }: { least: number; most: number; absent?: number },
): number {
  const value = cardValue(header, keyword) ?? absent;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(header, keyword, `an integer from ${least} to ${most}`);
}

function refuse(header: Header, keyword: string, wanted: string): never {
  const value = cardValue(header, keyword);
  if (value === undefined) throw new FitsError(`${keyword} is missing, which must be ${wanted}.`);
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  throw new FitsError(`${keyword} is ${shown} and must be ${wanted}.`);
}
