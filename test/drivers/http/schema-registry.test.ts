import { describe, expect, test } from 'vitest';
import { httpSchemaRegistry } from '#shared/drivers/http/schema-registry.ts';
import { reply, testServer } from './server.ts';

const schema = '{"type":"record","name":"r","fields":[]}';
const notFound = '{"error_code":40403,"message":"Schema 7 not found"}';

describe('schema-registry by HTTP', () => {
  test('asks Confluent’s API once a schema, and again for one that was not there', async () => {
    let known = true;
    const server = await testServer((response) =>
      known ? reply(response, 200, JSON.stringify({ schema })) : reply(response, 404, notFound),
    );
    const registry = httpSchemaRegistry({ url: `${server.url}/apis/ccompat/v7/` });
    expect(await registry.schemaById(1)).toBe(schema);
    expect(await registry.schemaById(1)).toBe(schema);
    known = false;
    expect(await registry.schemaById(7)).toBeUndefined();
    known = true;
    expect(await registry.schemaById(7)).toBe(schema);
    expect(server.received.map(({ url }) => url)).toEqual(
      [1, 7, 7].map((id) => `/apis/ccompat/v7/schemas/ids/${id}`),
    );
  });

  test.each([
    [404, '<html>no such path</html>', 'NS_DEPENDENCY_UNAVAILABLE'],
    [404, '{"error_code":404,"message":"HTTP 404 Not Found"}', 'NS_DEPENDENCY_UNAVAILABLE'],
    [401, '{"error_code":401,"message":"Unauthorized"}', 'NS_DEPENDENCY_REFUSED'],
    [500, '{"error_code":50001,"message":"Error in the backend"}', 'NS_DEPENDENCY_UNAVAILABLE'],
    [200, 'surprise', 'NS_DEPENDENCY_UNAVAILABLE'],
    [200, '{"id":1}', 'NS_DEPENDENCY_UNAVAILABLE'],
  ])('an answer %d %s is the registry’s fault, and not a missing schema', async (status, body, code) => {
    const server = await testServer((response) => reply(response, status, body));
    const asked = httpSchemaRegistry({ url: server.url }).schemaById(7);
    await expect(asked).rejects.toMatchObject({ code, dependency: 'schema-registry' });
  });
});
