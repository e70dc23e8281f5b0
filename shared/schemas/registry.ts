import { type AvroSchema, alertAvroSchema, alertSchemaId } from './alert/avro.ts';
import { nextVisitSchema } from './events/next-visit.ts';

/**
 * The schemas that stand in for a registry where there is none, by the id in a record's Confluent header: 1 for
 * nextVisit, and each alert schema by its own id.
 */
export const embeddedSchemas: ReadonlyMap<number, AvroSchema> = new Map([
  [1, nextVisitSchema],
  [alertSchemaId('11.1'), alertAvroSchema('11.1')],
]);
