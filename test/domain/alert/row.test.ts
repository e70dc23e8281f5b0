import { describe, expect, it } from 'vitest';
import { bands, newDiaForcedSource, newDiaObject, newDiaSource } from '#shared/domain/alert/row.ts';
import { alertTables } from '#shared/schemas/alert/avro.ts';
import { someForcedSource, someObject, someSource } from '../../support/alert-rows.ts';

const { records } = alertTables['11.1'];

describe('rows', () => {
  it.each([
    ['diaSource', someSource()],
    ['diaForcedSource', someForcedSource()],
    ['diaObject', someObject()],
  ])('have the fields of %s in the order of the table', (name, row) => {
    expect(Object.keys(row)).toEqual(records[name].map(([field]) => field));
  });

  it('hold null for what is not given and what is not a number', () => {
    const source = someSource({
      raErr: Number.NaN,
      psfFlux: Number.POSITIVE_INFINITY,
      reliability: undefined,
    });
    expect(source).toMatchObject({ raErr: null, psfFlux: null, reliability: null, trailLength: null });
  });

  it('hold floats with 32 bits, and doubles with 64', () => {
    const source = someSource({ x: 0.1, ra: 0.1, psfFlux: 1e39 });
    expect(source).toMatchObject({ x: Math.fround(0.1), ra: 0.1, psfFlux: null });
  });

  it('name the field without which they cannot be', () => {
    expect(() => newDiaSource({ ...someSource(), ra: Number.NaN })).toThrow('A diaSource without ra (NaN)');
    expect(() => newDiaForcedSource({})).toThrow('A diaForcedSource without diaForcedSourceId (undefined)');
    expect(() => newDiaObject({ diaObjectId: 1n })).toThrow('A diaObject without validityStartMjdTai');
  });

  it('keep false, zero and the empty text', () => {
    expect(someSource({ isNegative: false, psfFlux: 0, band: '' })).toMatchObject({
      isNegative: false,
      psfFlux: 0,
      band: '',
    });
  });
});

it('summarise an object in the bands that its table has', () => {
  const inTable = records.diaObject.flatMap(([field]) => /^(.)_psfFluxMean$/.exec(field)?.[1] ?? []);
  expect([...bands]).toEqual(inTable);
});
