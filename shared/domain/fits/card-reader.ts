/**
 * Header bytes to cards. FITS Standard 4.0, sections 4.1 and 4.2; HIERARCH convention of ESO (registered 2007).
 */
import { type Card, type CardValue, FitsError, type Header } from './header.ts';

/** The unit in which FITS files grow. */
export const BLOCK = 2880;
const CARD = 80;
/** 36,000 cards, where a raw's header has 240: a file without END is not read to its end as cards. */
const MAX_HEADER_BYTES = 1000 * BLOCK;

/**
 * The header that starts at byte `start`, and the byte where its data begin. The bytes may end anywhere after
 * the header, so that the first blocks of an object are enough. FitsError where there is no END.
 */
export function parseHeader(bytes: Uint8Array, start = 0): { header: Header; end: number } {
  const limit = Math.min(bytes.length, start + MAX_HEADER_BYTES);
  const lines: string[] = [];
  for (let at = start; at + CARD <= limit; at += CARD) {
    const line = asciiOf(bytes, at);
    if (line.trimEnd() === 'END') {
      return { header: parseCards(lines), end: start + Math.ceil((at + CARD - start) / BLOCK) * BLOCK };
    }
    lines.push(line);
  }
  const where =
    limit < bytes.length ? `its first ${MAX_HEADER_BYTES} bytes` : `the ${limit - start} bytes left`;
  throw new FitsError(
    `The header at byte ${start} has no END card in ${where}: the file is truncated or no FITS.`,
  );
}

/** 80 characters; what the standard does not allow in a header (a degree sign, a NUL) becomes a question mark. */
function asciiOf(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, CARD)
    .toString('latin1')
    .replace(/[^ -~]/g, '?');
}

function parseCards(lines: readonly string[]): Card[] {
  const header: Card[] = [];
  for (let k = 0; k < lines.length; ) {
    const pieces = [parseCard(lines[k++])];
    while (goesOn(pieces[pieces.length - 1]) && lines[k]?.startsWith('CONTINUE  ')) {
      pieces.push({ keyword: 'CONTINUE', ...parseValue(lines[k++].slice(10)) });
    }
    header.push(pieces.length === 1 ? pieces[0] : joined(pieces));
  }
  return header;
}

/** True for a string that a CONTINUE card may carry on: it ends in an ampersand. */
function goesOn({ value }: Card): boolean {
  return typeof value === 'string' && value.endsWith('&');
}

function joined(pieces: readonly Card[]): Card {
  const last = pieces.length - 1;
  const texts = pieces.map(({ value }, k) => (k < last ? String(value).slice(0, -1) : String(value ?? '')));
  const comment = pieces.flatMap((piece) => piece.comment ?? []).join(' ');
  return { keyword: pieces[0].keyword, value: texts.join(''), ...(comment !== '' && { comment }) };
}

function parseCard(line: string): Card {
  const keyword = line.slice(0, 8).trimEnd();
  if (keyword === 'HIERARCH') {
    const sign = line.indexOf('=');
    if (sign > 0) return { keyword: line.slice(8, sign).trim(), ...parseValue(line.slice(sign + 1)) };
  }
  if (line.startsWith('= ', 8) && keyword !== '' && keyword !== 'COMMENT' && keyword !== 'HISTORY') {
    return { keyword, ...parseValue(line.slice(10)) };
  }
  return { keyword, value: line.slice(8).trimEnd() };
}

const STRING = /^ *'((?:[^']|'')*)'/;

function parseValue(field: string): { value: CardValue; comment?: string } {
  const string = STRING.exec(field);
  if (string) {
    const value = string[1].replaceAll("''", "'").trimEnd(); // trailing blanks do not count, leading ones do
    return { value, ...commentOf(field.slice(string[0].length)) };
  }
  const slash = field.indexOf('/');
  const text = (slash < 0 ? field : field.slice(0, slash)).trim();
  return { value: parsePlain(text), ...(slash >= 0 && commentOf(field.slice(slash))) };
}

function commentOf(rest: string): { comment?: string } {
  const slash = rest.indexOf('/');
  const comment = slash < 0 ? '' : rest.slice(slash + 1).trim();
  return comment === '' ? {} : { comment };
}

function parsePlain(text: string): CardValue {
  if (text === '') return null;
  if (text === 'T') return true;
  if (text === 'F') return false;
  if (/^[+-]?\d+$/.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : BigInt(text.replace('+', ''));
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/i.test(text)) {
    const number = Number(text.replace(/d/i, 'e'));
    return Number.isFinite(number) ? number : text;
  }
  return text;
}
