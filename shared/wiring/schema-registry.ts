import { wire } from './wire.ts';

const urls = ['SCHEMA_REGISTRY_URL', 'KAFKA_SCHEMA_REGISTRY_URL'] as const;

/** Avro schemas by id; the second variable is next-visit-fanout's name of the same. */
export const schemaRegistry = wire({
  port: 'schema-registry',
  role: 'schemas',
  variables: {
    SCHEMA_REGISTRY_URL: { meaning: 'Registry with the Confluent API, http(s)://host:port.' },
    KAFKA_SCHEMA_REGISTRY_URL: { meaning: 'The same, as next-visit-fanout knows it.' },
  },
  addressIn: (environment) => urls.find((name) => environment(name)),
  real: {
    driver: 'http',
    async open({ environment }) {
      const { httpSchemaRegistry } = await import('../drivers/http/schema-registry.ts');
      return httpSchemaRegistry({ url: environment(urls[0]) ?? environment(urls[1]) ?? '' });
    },
  },
  embedded: {
    driver: 'shipped schemas',
    async open() {
      const { shippedSchemaRegistry } = await import('../drivers/node/schema-registry.ts');
      return shippedSchemaRegistry();
    },
  },
});
