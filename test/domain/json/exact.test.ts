import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactJson, parseExactJson } from '#shared/domain/json/exact.ts';

test('every integer of 64 bits is a bare number, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
      expect(exactJson({ id })).toBe(`{"id":${id}}`);
      expect(parseExactJson(exactJson({ id }))).toEqual({ id });
    }),
  );
});

test('what is no integer stays what it is', () => {
  expect(parseExactJson('{"ra":1.5,"name":"7","list":[1e3,-2]}')).toEqual({
    ra: 1.5,
    name: '7',
    list: [1000, -2n],
  });
});
