import type { SchemaRegistry } from '../../ports/schema-registry.ts';
import { embeddedSchemas } from '../../schemas/registry.ts';

/** The schemas that this version is shipped with, where there is no registry. */
export function shippedSchemaRegistry(): SchemaRegistry {
  return {
    async schemaById(id) {
      const schema = embeddedSchemas.get(id);
      return schema && JSON.stringify(schema);
    },
    async close() {},
  };
}
