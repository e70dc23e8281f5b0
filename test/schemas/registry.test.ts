import avro from 'avsc';
import { expect, it } from 'vitest';
import { embeddedSchemas } from '#shared/schemas/registry.ts';

it('knows nextVisit as 1 and the alert as 1101', () => {
  const names = [...embeddedSchemas].map(([id, schema]) => [
    id,
    avro.Type.forSchema(schema as avro.Schema).name,
  ]);
  expect(names).toEqual([
    [1, 'lsst.sal.ScriptQueue.logevent_nextVisit'],
    [1101, 'lsst.v11_1.alert'],
  ]);
});

it('gives each of the 23 fields of nextVisit a default, position after coordinateSystem', () => {
  const type = avro.Type.forSchema(embeddedSchemas.get(1) as avro.Schema) as avro.types.RecordType;
  const namespace = 'lsst.sal.ScriptQueue';
  expect(type.fields).toHaveLength(23);
  const names = type.fields.map((field) => field.name);
  expect(names.indexOf('position')).toBe(names.indexOf('coordinateSystem') + 1);
  const nothing = avro.Type.forSchema({ type: 'record', name: 'logevent_nextVisit', namespace, fields: [] });
  const read = type.fromBuffer(Buffer.alloc(0), type.createResolver(nothing));
  expect(read).toMatchObject({ salIndex: 0, groupId: '', position: [0, 0], duration: 0 });
});
