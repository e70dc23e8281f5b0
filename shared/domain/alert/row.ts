import type { FieldTable, RowOf } from '../../schemas/alert/table.ts';
import { diaForcedSource } from '../../schemas/alert/v11-1/dia-forced-source.ts';
import { diaObject } from '../../schemas/alert/v11-1/dia-object.ts';
import { diaSource } from '../../schemas/alert/v11-1/dia-source.ts';
import type { mpcOrbits } from '../../schemas/alert/v11-1/mpc-orbits.ts';
import type { ssSource } from '../../schemas/alert/v11-1/ss-source.ts';

/** Rows with the field names and units of schema 11.1: 64-bit ids are bigint, what is absent is null, never NaN. */
export type DiaSource = RowOf<typeof diaSource>;
export type DiaObject = RowOf<typeof diaObject>;
export type DiaForcedSource = RowOf<typeof diaForcedSource>;
export type SsSource = RowOf<typeof ssSource>;
export type MpcOrbits = RowOf<typeof mpcOrbits>;

/** The bands that an object is summarised in. */
export const bands = ['u', 'g', 'r', 'i', 'z', 'y'] as const;
export type Band = (typeof bands)[number];

type Given<T extends FieldTable> = Partial<RowOf<T>>;

/**
 * A row with every field of its table in the table's order: what is not given, or not finite, is null, and a float is
 * the nearest 32-bit one, so that packet, database and JSON hold the same value. Throws RangeError where a field that
 * cannot be null is missing.
 */
function row<T extends FieldTable>(name: string, table: T, given: Given<T>): RowOf<T> {
  const values: Record<string, unknown> = given;
  const entries = table.map(([field, type]) => {
    const value = presentValue(values[field], type);
    if (value === null && !type.endsWith('?')) {
      throw new RangeError(
        `A ${name} without ${field} (${values[field]}): schema 11.1 demands a ${type} there.`,
      );
    }
    return [field, value];
  });
  return Object.fromEntries(entries);
}

function presentValue(value: unknown, type: string): unknown {
  if (typeof value !== 'number') return value ?? null;
  const held = type.startsWith('float') ? Math.fround(value) : value;
  return Number.isFinite(held) ? held : null;
}

export const newDiaSource = (given: Partial<DiaSource>): DiaSource => row('diaSource', diaSource, given);
export const newDiaForcedSource = (given: Partial<DiaForcedSource>): DiaForcedSource =>
  row('diaForcedSource', diaForcedSource, given);
export const newDiaObject = (given: Partial<DiaObject>): DiaObject => row('diaObject', diaObject, given);
