/**
 * The header of a tile-compressed image is that of a table; this is the image's own again.
 * FITS Standard 4.0, section 10.1.
 */
import { type Card, type Header, textOf } from './header.ts';

/** Keywords that describe the table or the compression, and not the image. */
export const OF_THE_TABLE =
  /^(XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM)\d+|CHECKSUM|DATASUM|Z(IMAGE|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SCALE|ZERO|MASKCMP))$/;

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['ZSIMPLE', 'SIMPLE'],
  ['ZTENSION', 'XTENSION'],
  ['ZEXTEND', 'EXTEND'],
  ['ZBLOCKED', 'BLOCKED'],
  ['ZHECKSUM', 'CHECKSUM'],
  ['ZDATASUM', 'DATASUM'],
]);

/** Keywords of the image's own structure, as they stand in the table. */
export const STRUCTURE = /^Z(SIMPLE|TENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT)$/;

/** The image's header: its structural cards first, in the standard's order, then the others as they come. */
export function imageHeader(table: Header): Header {
  const structure = table.filter((card) => STRUCTURE.test(card.keyword)).map(unprefixed);
  const rest = table.filter((card) => !STRUCTURE.test(card.keyword) && !OF_THE_TABLE.test(card.keyword));
  const kind = structure.filter(({ keyword }) => keyword === 'SIMPLE' || keyword === 'XTENSION').slice(0, 1);
  const first = kind.length > 0 ? kind : [{ keyword: 'XTENSION', value: 'IMAGE' }];
  const shape = ['BITPIX', 'NAXIS', ...axisNames(structure), 'PCOUNT', 'GCOUNT'];
  const ordered = shape.flatMap((keyword) => structure.find((card) => card.keyword === keyword) ?? []);
  return [...first, ...ordered, ...rest.filter((card) => !isDefaultName(card)).map(renamed)];
}

function unprefixed(card: Card): Card {
  return { ...card, keyword: RENAMED.get(card.keyword) ?? card.keyword.slice(1) };
}

function renamed(card: Card): Card {
  return { ...card, keyword: RENAMED.get(card.keyword) ?? card.keyword };
}

/** Each axis once, in order: a header may repeat a keyword as often as it has room for. */
function axisNames(structure: Header): string[] {
  const names = structure.map((card) => card.keyword).filter((keyword) => /^NAXIS\d{1,3}$/.test(keyword));
  return [...new Set(names)].sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

/** cfitsio's name for the table of an image that had none. */
function isDefaultName(card: Card): boolean {
  return card.keyword === 'EXTNAME' && card.value === 'COMPRESSED_IMAGE';
}

/** Values of the algorithm's parameters, ZNAMEi = ZVALi. */
export function compressionParameter(table: Header, name: string): Header[number]['value'] | undefined {
  const naming = table.find((card) => /^ZNAME\d+$/.test(card.keyword) && card.value === name);
  return naming && table.find((card) => card.keyword === `ZVAL${naming.keyword.slice(5)}`)?.value;
}

/** ZCMPTYPE with its old spelling RICE_ONE made RICE_1. */
export function algorithmOf(table: Header): string {
  const name = (textOf(table, 'ZCMPTYPE') ?? '').trim();
  return name === 'RICE_ONE' ? 'RICE_1' : name;
}
