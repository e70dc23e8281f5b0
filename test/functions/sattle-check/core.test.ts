import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowAnswer,
  allowedIds,
  nameOf,
  parseAllowQuery,
  parseVisit,
  toldAlike,
  visitKey,
  visitRecord,
} from '../../../functions/sattle-check/core.ts';
import { Refusal } from '../../../functions/sattle-check/refusal.ts';

const id = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const number = fc.double({ min: -90, max: 90, noNaN: true });

describe('a request for an allow list', () => {
  it('carries ids of 64 bits and corners there and back without loss', () => {
    const corners = fc.array(fc.tuple(number, number), { minLength: 4, maxLength: 4 });
    const sources = fc.array(fc.record({ id, corners }), { maxLength: 20 });
    fc.assert(
      fc.property(id, id, sources, (visit, detector, all) => {
        const written = all.map(
          ({ id, corners }) => `{"bbox":${JSON.stringify(corners)}, "diasource_id" : ${id}}`,
        );
        const body = `{"diasources":[${written}], "visit_id":${visit},\n"detector_id":\t${detector}}`;
        const query = parseAllowQuery(body);
        expect(query).toMatchObject({ visit, detector, historical: false });
        expect([...query.ids]).toEqual(all.map(({ id }) => id));
        // JSON writes -0 as 0.
        const flat = all.flatMap(({ corners }) => corners.flat()).map((each) => each + 0);
        expect([...query.corners]).toEqual(flat);
        const allowed = allowedIds(
          query.ids,
          all.map(() => false),
        );
        expect(allowAnswer(query, allowed)).toBe(
          `{"visit_id": ${visit}, "detector_id": ${detector}, "allow_list": [${all.map(({ id }) => id).join(', ')}]}`,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is not misled by keys within texts, and names a historical visit as the original does', () => {
    const body = JSON.stringify({
      note: '"visit_id": 7',
      visit_id: 5,
      detector_id: 1,
      diasources: [],
      historical: true,
    });
    const query = parseAllowQuery(body);
    expect(query).toMatchObject({ visit: 5n, historical: true });
    expect(nameOf(query)).toBe('5_historical');
  });

  it('is refused without a word of what it holds', () => {
    for (const text of ['<html>53.0180581518', '53.0180581518 x', '{"a": 53.0180581518,}'])
      expect(() => parseAllowQuery(text)).toThrow(/^The body, of \d+ characters, is not JSON\.$/);
  });

  it('is refused at once where it nests without end', () => {
    for (const part of ['[', '{"a":', '[" ] ",', '{"\\\\":['])
      expect(() => parseAllowQuery(part.repeat(1_000_000))).toThrow(
        /^The body nests deeper than 16 levels\.$/,
      );
  });

  it.each(['[]', 'null', '5', '"text"', '{"visit_id": 01}', '{"visit_id": 1e5}'])('refuses %s', (body) => {
    expect(() => parseAllowQuery(body)).toThrow(Refusal);
  });
});

it('never answers with an id of which one box is on a path', () => {
  const sources = fc.array(fc.record({ id: fc.bigInt({ min: 0n, max: 9n }), onTrack: fc.boolean() }));
  fc.assert(
    fc.property(sources, (all) => {
      const ids = BigInt64Array.from(all.map(({ id }) => id));
      const left = allowedIds(
        ids,
        all.map(({ onTrack }) => onTrack),
      );
      const answer = allowAnswer({ visit: 1n, detector: 2n }, left);
      const allowed: number[] = JSON.parse(answer).allow_list;
      for (const { id, onTrack } of all) {
        const clear = !all.some((other) => other.id === id && other.onTrack);
        expect(allowed.includes(Number(id))).toBe(clear);
        if (onTrack) expect(allowed).not.toContain(Number(id));
      }
    }),
    { numRuns: 200 },
  );
});

// A visit of the original's example client.
const example =
  '{"visit_id":2024112300242, "exposure_start_mjd":60638.14213799195, "exposure_end_mjd":60638.14248521417, ' +
  '"boresight_ra":37.44, "boresight_dec": 7.29, "historical": true}';

describe('a visit', () => {
  it('is kept as it was told', () => {
    const told = parseVisit(example);
    expect(told).toEqual({
      visit: 2024112300242n,
      historical: true,
      beginMjdTai: 60638.14213799195,
      endMjdTai: 60638.14248521417,
      raDeg: 37.44,
      decDeg: 7.29,
    });
    const live = { ...told, historical: false };
    for (const each of [told, live]) expect(parseVisit(visitRecord(each))).toEqual(each);
    expect(visitKey(told)).toBe('satellites/visits/2024112300242_historical.json');
    expect(visitKey(live)).toBe('satellites/visits/2024112300242.json');
  });

  it('is refused from before the Earth’s orientation is known', () => {
    const early = example.replace('60638.14213799195', '55197.5').replace('60638.14248521417', '55197.5003');
    expect(() => parseVisit(early)).toThrow('Column exposure_start_mjd is not of 2010 or later');
  });

  it('is the same within 0.1 s and 10", across RA 0 and near the pole', () => {
    const told = { ...parseVisit(example), raDeg: 359.9999, decDeg: 0 };
    expect(toldAlike(told, { ...told, raDeg: 0.0001 })).toBe(true);
    expect(toldAlike(told, { ...told, raDeg: 0.01 })).toBe(false);
    expect(toldAlike({ ...told, decDeg: 89.9999 }, { ...told, raDeg: 180, decDeg: 89.9999 })).toBe(true);
    expect(toldAlike(told, { ...told, beginMjdTai: told.beginMjdTai + 0.05 / 86_400 })).toBe(true);
    expect(toldAlike(told, { ...told, endMjdTai: told.endMjdTai + 0.2 / 86_400 })).toBe(false);
  });
});
