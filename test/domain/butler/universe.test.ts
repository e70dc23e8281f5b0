import { expect, test } from 'vitest';
import { dimensionsJson, elements, parseField, required } from '#shared/domain/butler/universe.ts';

test('the key of an element has the dimensions that it requires and itself', () => {
  expect(required('visit_detector_region')).toEqual(['instrument', 'detector', 'visit']);
  expect(required('patch')).toEqual(['skymap', 'tract', 'patch']);
});

test('what an element requires or implies stands before it', () => {
  const names = Object.keys(elements);
  for (const [name, { requires, implies = [] }] of Object.entries(elements)) {
    for (const other of [...requires, ...implies])
      expect(names.indexOf(other)).toBeLessThan(names.indexOf(name));
  }
});

test('a field has its name, its type, and the length of a text', () => {
  expect(parseField('obs_id:string64')).toEqual({ name: 'obs_id', type: 'string', length: 64 });
  expect(parseField('azimuth:float')).toEqual({ name: 'azimuth', type: 'float' });
});

test('the text names the version by which clients know the universe', () => {
  expect(JSON.parse(dimensionsJson())).toMatchObject({
    version: 8,
    namespace: 'daf_butler',
    elements: { skymap: { keys: [{}, { name: 'hash', type: 'hash', nbytes: 40 }], governor: true } },
  });
});
