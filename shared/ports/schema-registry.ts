import type { Closable } from 'openfaas-sdk-ts';

/** Schema-registry: Avro schemas by the id that stands in a record's Confluent header. Answers are cached for ever. */
export interface SchemaRegistry extends Closable {
  /** The schema's JSON text, or undefined where the registry answers that it has none of this id. */
  schemaById(id: number): Promise<string | undefined>;
}
