/**
 * Cards to header bytes, in the fixed format where the value fits it. FITS Standard 4.0, sections 4.1 and 4.2.
 */
import { BLOCK } from './card-reader.ts';
import { type Card, type CardValue, FitsError, type Header } from './header.ts';

const CARD = 80;

/** The header's blocks, END and padding included. FitsError for what a header cannot hold. */
export function formatHeader(header: Header): Uint8Array {
  const text = `${header.flatMap(formatCard).join('')}${'END'.padEnd(CARD)}`;
  return Buffer.from(text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK), 'latin1');
}

/** The card's 80 characters, or several times 80 where the text goes on. */
function formatCard(card: Card): string[] {
  const { keyword, value, comment } = card;
  if (keyword === 'COMMENT' || keyword === 'HISTORY' || keyword === '') return commentary(keyword, value);
  const start = startOf(keyword);
  if (typeof value === 'string')
    return formatString(start, asciiOnly(value, keyword), comment ?? '', keyword);
  const field = formatPlain(value, keyword);
  const line = start.length > 10 ? `${start}${field}` : `${start}${field.padStart(20)}`;
  if (line.length > CARD)
    throw new FitsError(`${keyword} = ${field} is too long for one card of 80 characters.`);
  return [withComment(line, comment ?? '', keyword)];
}

function commentary(keyword: string, value: CardValue): string[] {
  const text = asciiOnly(String(value ?? ''), keyword);
  const parts = text.match(/.{1,72}/g) ?? [''];
  return parts.map((part) => `${keyword.padEnd(8)}${part}`.padEnd(CARD));
}

function startOf(keyword: string): string {
  if (
    /^[A-Z0-9_-]{1,8}$/.test(keyword) &&
    keyword !== 'END' &&
    keyword !== 'CONTINUE' &&
    keyword !== 'HIERARCH'
  ) {
    return `${keyword.padEnd(8)}= `;
  }
  if (
    !/^[A-Z0-9_-]+( [A-Z0-9_-]+)*$/i.test(keyword) ||
    keyword.length > 60 ||
    (keyword.length < 9 && !keyword.includes(' '))
  ) {
    throw new FitsError(
      `'${keyword}' is no FITS keyword: A-Z, 0-9, '-' and '_', with single blanks between words.`,
    );
  }
  return `HIERARCH ${keyword} = `;
}

function formatPlain(value: Exclude<CardValue, string>, keyword: string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0)))
    return String(value);
  if (!Number.isFinite(value)) {
    throw new FitsError(
      `${keyword} is ${value}, which a FITS header cannot hold: give null for an undefined value.`,
    );
  }
  const [mantissa, exponent] = (Object.is(value, -0) ? '-0' : String(value)).split('e');
  const decimal = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? decimal : `${decimal}E${exponent.replace('+', '')}`;
}

/** One card, or as many as the string needs, each but the last ending in '&' (CONTINUE). */
function formatString(start: string, value: string, comment: string, keyword: string): string[] {
  const escaped = value.replaceAll("'", "''");
  const padded = start.length > 10 ? escaped : escaped.padEnd(8); // eight characters at least, in the fixed format
  if (padded.length <= CARD - start.length - 2) return [withComment(`${start}'${padded}'`, comment, keyword)];
  const lines: string[] = [];
  let rest = value;
  for (let prefix = start; ; prefix = 'CONTINUE  ') {
    const part = fitting(rest, CARD - prefix.length - 3);
    rest = rest.slice(part.length);
    const last = rest === '';
    const body = part.replaceAll("'", "''");
    lines.push(
      last ? withComment(`${prefix}'${body}'`, comment, keyword) : `${prefix}'${body}&'`.padEnd(CARD),
    );
    if (last) return lines;
  }
}

/** The longest start of the text whose escaped form has at most `room` characters. */
function fitting(text: string, room: number): string {
  let length = 0;
  for (let used = 0; length < text.length; length++) {
    used += text[length] === "'" ? 2 : 1;
    if (used > room) break;
  }
  return text.slice(0, length);
}

/** A comment that does not fit is cut: it explains, and nothing reads it. */
function withComment(line: string, comment: string, keyword: string): string {
  const padded = line.padEnd(30);
  const full = comment === '' ? padded : `${padded} / ${asciiOnly(comment, keyword)}`;
  return full.slice(0, CARD).padEnd(CARD);
}

function asciiOnly(text: string, keyword: string): string {
  const strange = /[^ -~]/.exec(text)?.[0];
  if (strange === undefined) return text;
  const code = strange.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
  throw new FitsError(
    `${keyword} has the character U+${code}, and a FITS header holds printable ASCII only.`,
  );
}
