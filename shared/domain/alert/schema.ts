import type { Type } from 'avsc';
import {
  type AlertVersion,
  type AvroSchema,
  alertAvroSchema,
  alertSchemaId,
} from '../../schemas/alert/avro.ts';
import { avroType } from './avro-type.ts';

/** One version of the alert schema, ready to encode with. */
export interface AlertSchema {
  /** Id in the Confluent header: major*100 + minor. */
  readonly id: number;
  readonly avro: AvroSchema;
  readonly type: Type;
}

const compiled = new Map<AlertVersion, AlertSchema>();

/** The schema of a version, compiled at its first use (about 30 ms). */
export function alertSchema(version: AlertVersion): AlertSchema {
  const known = compiled.get(version);
  if (known) return known;
  const avro = alertAvroSchema(version);
  const schema = { id: alertSchemaId(version), avro, type: avroType(avro) };
  compiled.set(version, schema);
  return schema;
}
