import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { DiaForcedSource, DiaObject, DiaSource } from '../../domain/alert/row.ts';
import { htmIndex } from '../../domain/sky/htm.ts';
import type { FieldTable, RowOf } from '../../schemas/alert/table.ts';
import { diaForcedSource } from '../../schemas/alert/v11-1/dia-forced-source.ts';
import { diaObject } from '../../schemas/alert/v11-1/dia-object.ts';
import { diaSource } from '../../schemas/alert/v11-1/dia-source.ts';
import { htmLevel } from './apdb.ts';

/** How the rows of one table go into the file and come out of it. */
export interface RowFormat<Row> {
  /** `a."x", a."y"...`: the columns of a row for SELECT from a table named `a`. */
  readonly select: string;
  /** INSERT OR REPLACE of one row. */
  readonly upsert: string;
  /** The parameters of `upsert`. */
  values(row: Row): SQLInputValue[];
  /** A row read with `select` and integers as bigint. */
  read(columns: Record<string, SQLOutputValue>): Row;
}

function format<T extends FieldTable>(name: string, table: T, hasPixel: boolean): RowFormat<RowOf<T>> {
  const fields = table.map(([field]) => field);
  const columns = hasPixel ? [...fields, 'pixelId'] : fields;
  return {
    select: fields.map((field) => `a."${field}"`).join(', '),
    upsert:
      `INSERT OR REPLACE INTO "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) ` +
      `VALUES (${columns.map(() => '?').join(', ')})`,
    values(row) {
      const given: Record<string, unknown> = row;
      const values = fields.map((field) => stored(given[field]));
      return hasPixel ? [...values, htmIndex(Number(given.ra), Number(given.dec), htmLevel)] : values;
    },
    read(found) {
      const entries = table.map(([field, type]) => [field, restored(found[field], type)]);
      return Object.fromEntries(entries) as RowOf<T>;
    },
  };
}

export const objectFormat: RowFormat<DiaObject> = format('DiaObject', diaObject, true);
export const sourceFormat: RowFormat<DiaSource> = format('DiaSource', diaSource, true);
export const forcedSourceFormat: RowFormat<DiaForcedSource> = format(
  'DiaForcedSource',
  diaForcedSource,
  false,
);

/** SQLite has no booleans. */
function stored(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
    return value;
  throw new TypeError(`A row has a ${typeof value} where the APDB has a number, a text or NULL.`);
}

function restored(value: SQLOutputValue, type: string): unknown {
  if (value === null || type.startsWith('long')) return value;
  if (type.startsWith('boolean')) return value !== 0n;
  return typeof value === 'bigint' ? Number(value) : value;
}
