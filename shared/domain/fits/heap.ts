/**
 * Columns of a binary table and its variable-length arrays, as far as tile compression needs them.
 * FITS Standard 4.0, sections 7.3.1 and 7.3.5.
 */
import { FitsError, type Header, requireInteger, requireText, textOf } from './header.ts';

const BYTES_OF_TYPE: Readonly<Record<string, number>> = {
  L: 1,
  B: 1,
  A: 1,
  I: 2,
  J: 4,
  K: 8,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};

/** Where a column is in a row, and its type letters (`J`, or `PB` for a descriptor of bytes). */
export interface Column {
  readonly offset: number;
  readonly type: string;
}

/** The table's bytes with its geometry; `heap` is the byte where the heap starts. */
export interface Table {
  readonly data: DataView;
  readonly rows: number;
  readonly rowLength: number;
  readonly heap: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** A table over its data unit; FitsError where the columns do not make the row or the heap lies outside. */
export function openTable(header: Header, data: DataView): Table {
  const rowLength = requireInteger(header, 'NAXIS1', { least: 0, most: data.byteLength });
  const rows = requireInteger(header, 'NAXIS2', { least: 0, most: data.byteLength });
  const body = rowLength * rows;
  const heap = requireInteger(header, 'THEAP', { least: body, most: data.byteLength, absent: body });
  const fields = requireInteger(header, 'TFIELDS', { least: 0, most: 999 });
  const columns = new Map<string, Column>();
  let offset = 0;
  for (let field = 1; field <= fields; field++) {
    const { type, length } = parseForm(requireText(header, `TFORM${field}`), field);
    const name = (textOf(header, `TTYPE${field}`) ?? '').toUpperCase();
    if (length > 0) columns.set(name, { offset, type });
    offset += length;
  }
  if (offset !== rowLength)
    throw new FitsError(`The columns take ${offset} bytes and NAXIS1 is ${rowLength}.`);
  return { data, rows, rowLength, heap, columns };
}

function parseForm(form: string, field: number): { type: string; length: number } {
  const match = /^(\d*)(?:([PQ])([LXBIJKAEDCM])|([LXBIJKAEDCM]))/.exec(form.trim());
  if (!match)
    throw new FitsError(`TFORM${field} is '${form}', which is no format of a binary table's column.`);
  const repeat = match[1] === '' ? 1 : Number(match[1]);
  const letter = match[2] ?? match[4];
  const length = letter === 'X' ? Math.ceil(repeat / 8) : repeat * BYTES_OF_TYPE[letter];
  return { type: match[2] === undefined ? letter : `${match[2]}${match[3]}`, length };
}

/** The number in a column of one number a row; undefined where there is no such column. */
export function numberAt(table: Table, name: string, row: number): number | undefined {
  const column = table.columns.get(name);
  if (column === undefined) return undefined;
  const at = row * table.rowLength + column.offset;
  switch (column.type) {
    case 'B':
      return table.data.getUint8(at);
    case 'I':
      return table.data.getInt16(at);
    case 'J':
      return table.data.getInt32(at);
    case 'E':
      return table.data.getFloat32(at);
    case 'D':
      return table.data.getFloat64(at);
    default:
      throw new FitsError(`Column ${name} has type ${column.type} and must hold one number a row.`);
  }
}

/** Byte offset in the table's data and length in bytes of a row's variable-length array; undefined: no column. */
export function arrayAt(
  table: Table,
  name: string,
  row: number,
): { start: number; length: number } | undefined {
  const column = table.columns.get(name);
  if (column === undefined) return undefined;
  const at = row * table.rowLength + column.offset;
  const wide = column.type.startsWith('Q');
  if (!wide && !column.type.startsWith('P')) {
    throw new FitsError(
      `Column ${name} has type ${column.type} and must hold variable-length arrays (P or Q).`,
    );
  }
  const count = wide ? Number(table.data.getBigInt64(at)) : table.data.getInt32(at);
  const offset = wide ? Number(table.data.getBigInt64(at + 8)) : table.data.getInt32(at + 4);
  const length = count * (BYTES_OF_TYPE[column.type[1]] ?? 1);
  const start = table.heap + offset;
  if (count < 0 || offset < 0 || start + length > table.data.byteLength) {
    const size = table.data.byteLength - table.heap;
    throw new FitsError(
      `Row ${row + 1} of ${name} says ${count} elements at ${offset} of a heap of ${size} bytes: it lies outside.`,
    );
  }
  return { start, length };
}
