import { describe, expect, it } from 'vitest';
import { type AlertParts, buildAlert, decodeAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import type { MpcOrbits, SsSource } from '#shared/domain/alert/row.ts';
import { frame, unframe } from '#shared/domain/alert/wire.ts';
import type { FieldTable } from '#shared/schemas/alert/table.ts';
import { mpcOrbits } from '#shared/schemas/alert/v11-1/mpc-orbits.ts';
import { ssSource } from '#shared/schemas/alert/v11-1/ss-source.ts';
import { someForcedSource, someId, someObject, someSource } from '../../support/alert-rows.ts';

const stamps = {
  difference: new TextEncoder().encode('difference'),
  science: new TextEncoder().encode('science'),
  template: null,
};

const alert = (given: Partial<AlertParts> = {}) =>
  buildAlert({
    diaSource: someSource(),
    belongsTo: { diaObject: someObject(), sources: [], forcedSources: [] },
    stamps,
    observationReason: '',
    targetName: '',
    ...given,
  });

describe('buildAlert', () => {
  it('turns empty words of the scheduler into null and keeps others', () => {
    expect(alert()).toMatchObject({ observation_reason: null, target_name: null });
    const named = alert({ observationReason: 'template_blob', targetName: 'COSMOS' });
    expect(named).toMatchObject({ observation_reason: 'template_blob', target_name: 'COSMOS' });
  });

  it('gives an object of one source no history', () => {
    const forcedSources = [someForcedSource()];
    const single = alert({ belongsTo: { diaObject: someObject(), sources: [someSource()], forcedSources } });
    expect(single).toMatchObject({
      prvDiaSources: null,
      prvDiaForcedSources: null,
      ssSource: null,
      mpc_orbits: null,
    });
  });

  it('gives an older object its earlier sources and all forced photometry, by time, and nothing of other objects', () => {
    const at = (days: number) => ({ midpointMjdTai: 61028.25 + days });
    const sources = [
      someSource({ diaSourceId: 3n, ...at(-1) }),
      someSource(),
      someSource({ diaSourceId: 2n, ...at(-2) }),
      someSource({ diaSourceId: 5n, ...at(1) }),
      someSource({ diaSourceId: 4n, diaObjectId: 7n, ...at(-1) }),
    ];
    const forcedSources = [
      someForcedSource(),
      someForcedSource({ diaForcedSourceId: 9n, ...at(-1) }),
      someForcedSource({ diaForcedSourceId: 8n, diaObjectId: 7n, ...at(-1) }),
    ];
    const history = alert({
      belongsTo: { diaObject: someObject({ nDiaSources: 3 }), sources, forcedSources },
    });
    expect(history.prvDiaSources?.map((row) => row.diaSourceId)).toEqual([2n, 3n]);
    expect(history.prvDiaForcedSources?.map((row) => row.diaForcedSourceId)).toEqual([9n, someId + 1000n]);
  });

  it('refuses a source of another object', () => {
    expect(() => alert({ diaSource: someSource({ diaObjectId: 12n }) })).toThrow(
      /is for diaObjectId .* diaObjectId 12/,
    );
    expect(() => alert({ diaSource: someSource({ ssObjectId: 12n }) })).toThrow('and ssObjectId 12');
  });
});

describe('a solar-system alert', () => {
  const filled = <Row>(table: FieldTable, given: Partial<Row>): Row => {
    const nulls: object = Object.fromEntries(table.map(([name]) => [name, null]));
    return { ...nulls, ...given } as Row;
  };
  const seen = filled<SsSource>(ssSource, {
    diaSourceId: someId,
    ssObjectId: 20892049552191553n,
    designation: '1995 XA',
    eclLambda: 1,
    eclBeta: 2,
    galLon: 3,
    galLat: 4,
  });
  const orbit = filled<MpcOrbits>(mpcOrbits, {
    id: 4711,
    designation: '1995 XA',
    packed_primary_provisional_designation: 'J95X00A',
    unpacked_primary_provisional_designation: '1995 XA',
    created_at: 1767225600000000n,
  });
  const diaSource = someSource({ diaObjectId: null, ssObjectId: 20892049552191553n });

  it('has no object and no history, and the orbit without its row number', () => {
    const built = alert({ diaSource, belongsTo: { ssSource: seen, mpcOrbits: orbit } });
    expect(built).toMatchObject({ diaObject: null, prvDiaSources: null, prvDiaForcedSources: null });
    expect(decodeAlert(encodeAlert(built))).toMatchObject({
      ssSource: { ssObjectId: 20892049552191553n },
      mpc_orbits: { id: 0, created_at: 1767225600000000n },
    });
  });

  it('is refused when its source has an object as well', () => {
    const both = someSource({ ssObjectId: 20892049552191553n });
    expect(() => alert({ diaSource: both, belongsTo: { ssSource: seen, mpcOrbits: orbit } })).toThrow(
      'diaObjectId',
    );
  });
});

describe('encodeAlert and decodeAlert', () => {
  it('give back what was put in, with ids above 2^53 and floats as the nearest float32', () => {
    const built = alert({
      belongsTo: {
        diaObject: someObject({ nDiaSources: 2 }),
        sources: [someSource({ diaSourceId: 2n ** 62n + 1n, midpointMjdTai: 61000.125 })],
        forcedSources: [someForcedSource()],
      },
    });
    const decoded = decodeAlert(encodeAlert(built));
    expect(decoded.diaSourceId).toBe(someId);
    expect(decoded.prvDiaSources?.[0]?.diaSourceId).toBe(2n ** 62n + 1n);
    expect(decoded.diaSource.raErr).toBe(Math.fround(1e-5));
    expect(Buffer.from(decoded.cutoutDifference!).toString()).toBe('difference');
    expect(decoded.cutoutTemplate).toBeNull();
    expect(encodeAlert(decoded)).toEqual(encodeAlert(built));
  });

  it('names the field that does not fit', () => {
    const broken = { ...alert(), diaSource: { ...someSource(), psfNdata: 1.5 } };
    expect(() => encodeAlert(broken)).toThrow(
      `The alert ${someId} cannot be encoded: diaSource.psfNdata is 1.5.`,
    );
    const beyond = { ...alert(), diaSource: { ...someSource(), visit: 2n ** 63n } };
    expect(() => encodeAlert(beyond)).toThrow('diaSource.visit is 9223372036854775808.');
  });

  it('names a schema that it cannot read', () => {
    const { body } = unframe(encodeAlert(alert()));
    expect(() => decodeAlert(frame(1100, body))).toThrow('The packet is of schema 1100');
  });
});
