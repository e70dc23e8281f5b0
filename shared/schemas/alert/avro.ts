import type { AlertTables, FieldTable, FieldType } from './table.ts';
import { alert11_1 } from './v11-1/alert.ts';

/** A version of the alert schema, `major.minor`. */
export type AlertVersion = '11.1';

/** The tables of every version that we have. */
export const alertTables: Readonly<Record<AlertVersion, AlertTables>> = { '11.1': alert11_1 };

export type AvroSchema = string | AvroSchema[] | { readonly [key: string]: unknown };

/**
 * The id of a version in the Confluent header: major*100 + minor, as the original counts. A minor of 100 or more
 * would take the id of another major's version, so it is refused.
 */
export function alertSchemaId(version: string): number {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(version) ?? [];
  if (minor === undefined)
    throw new RangeError(`"${version}" is not an alert schema version of the form 11.1.`);
  if (Number(minor) > 99) {
    throw new RangeError(
      `Alert schema ${version} can have no id: a minor version above 99 takes that of another major.`,
    );
  }
  return Number(major) * 100 + Number(minor);
}

/** The Avro schema of a version as one JSON value: each record is defined where it first occurs, then named. */
export function alertAvroSchema(version: AlertVersion): AvroSchema {
  const { alert, records } = alertTables[version];
  const namespace = `lsst.v${version.replace('.', '_')}`;
  const defined = new Set<string>();
  const typeOf = (type: string): AvroSchema => {
    if (type.endsWith('?')) return ['null', typeOf(type.slice(0, -1))];
    const [kind, name] = type.split(':');
    if (name === undefined) return scalar(kind as FieldType);
    const items = defined.has(name) ? `${namespace}.${name}` : record(name, records[name]);
    return kind === 'list' ? { type: 'array', items } : items;
  };
  const record = (name: string, fields: FieldTable | AlertTables['alert']): AvroSchema => {
    defined.add(name);
    return {
      type: 'record',
      name,
      namespace,
      fields: fields.map(([field, type, doc]) => ({
        name: field,
        type: typeOf(type),
        doc,
        ...(type.endsWith('?') && { default: null }),
      })),
    };
  };
  return record('alert', alert);
}

const scalar = (type: FieldType): AvroSchema =>
  type === 'timestamp' ? { type: 'long', logicalType: 'timestamp-micros' } : type;
