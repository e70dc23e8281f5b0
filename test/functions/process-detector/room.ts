import { type Closable, isFault, type PortOf, realTime, type Wiring } from 'openfaas-sdk-ts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { packDiaSourceId } from '#shared/domain/ids/dia-source-id.ts';
import { SimCam } from '#shared/domain/ids/instruments/SimCam.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import { toVector } from '#shared/domain/sky/vector.ts';
import { mjdTai, taiNsFromMjdTai } from '#shared/domain/time/scales.ts';
import type { ClaimState } from '#shared/domain/visit/claim.ts';
import { type DetectorVisit, streamFields } from '#shared/domain/visit/next-visit.ts';
import { config, ports } from '../../../functions/process-detector/declaration.ts';
import { streamOf } from '../../../functions/process-detector/earlier.ts';
import { type Facts, isOutcome, type Phase, type Room } from '../../../functions/process-detector/facts.ts';
import type { Measured, NumberedSource } from '../../../functions/process-detector/measured.ts';
import { keepSealed } from '../../../functions/process-detector/sealed.ts';
import { someSource } from '../../support/alert-rows.ts';
import { embeddedWorld } from '../../support/embedded.ts';

const detector = SimCam.detectors[4]!;
const begin = 61_028.25;

/** A visit by its number in the night; each begins 40 s after the one before it, on the same sky. */
const visitOf = (number: number): bigint => 20_251_219_00000n + BigInt(number);

/** Sources on a line across the detector, by their counters; digits that stand nowhere else. */
export const sourceOf = (counter: number, given: Partial<NumberedSource> = {}): NumberedSource => {
  const place = {
    ra: 53.1 + counter / 1000 + Math.SQRT2 * 1e-9,
    dec: -28.1 - counter / 1000 - Math.PI * 1e-9,
  };
  const corner = (x: number, y: number) => [place.ra + x * 3e-4, place.dec + y * 3e-4] as const;
  const diaSourceId = packDiaSourceId({ dayObs: 20_251_219, seqNum: 1, detector: 4, releaseId: 1, counter });
  return {
    ...someSource({ ...place, reliability: 0.9, trailLength: 0.3, trail_flag: false }),
    ...{ diaSourceId, bboxSky: [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)] },
    ...{ footprintDiagonalArcsec: 2, suspectLongTrail: false },
    stamps: { difference: new Uint8Array([1]), science: new Uint8Array([2]), template: new Uint8Array([3]) },
    ...given,
  };
};

/** Numbers by which a source could be found. */
export const numbersOf = ({ diaSourceId, ra, dec, bboxSky }: NumberedSource): (number | bigint)[] => [
  ...[diaSourceId, ra, dec],
  ...bboxSky.flat(),
];

/** What the pixels of a visit gave, an hour ago or now. */
export function measuredOf(sources: readonly NumberedSource[], measuredMs = Date.now()): Measured {
  const [beginMjdTai, endMjdTai] = [mjdTai(begin), mjdTai(begin + 30 / 86_400)];
  return {
    exposure: {
      ...{ beginMjdTai, endMjdTai, midpointMjdTai: mjdTai((beginMjdTai + endMjdTai) / 2) },
      ...{ beginTaiNs: taiNsFromMjdTai(beginMjdTai), endTaiNs: taiNsFromMjdTai(endMjdTai) },
      ...{ physicalFilter: 'r_sim', band: 'r', exposureSeconds: 30 },
    },
    outline: [toVector(53, -28), toVector(53.3, -28), toVector(53.3, -28.2)],
    sources,
    quality: {} as Measured['quality'],
    removed: {},
    measuredMs,
  };
}

/** process-detector's room on embedded drivers, with a gate of the test's own; `lines` are what it logs. */
export async function openRoom(gate: string, given: Readonly<Record<string, string>> = {}) {
  const world = embeddedWorld();
  const environment = {
    ...world.environment,
    SATTLE_URI_BASE: gate,
    RAW_MICROSERVICE: 'http://127.0.0.1:1',
    ...given,
  };
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const lookUp = (name: string) => (environment as Readonly<Record<string, string>>)[name];
  const open = async <Port extends Closable>(wiring: Wiring<Port>): Promise<Port> =>
    world.open({ ...wiring, open: () => wiring.open({ environment: lookUp, log, functionName: 'test' }) });
  const room: Room = {
    config: config.parse({ RUBIN_INSTRUMENT: 'SimCam', ...given }),
    ports: {
      raw: await open(ports.raw),
      products: await open(ports.products),
      presence: await open(ports.presence),
      notifications: await open(ports.notifications),
      sources: await open(ports.sources),
      stream: await open(ports.stream),
      gate: await open(ports.gate as Wiring<PortOf<typeof ports.gate>>),
      seal: await open(ports.seal),
      log: await open(ports.log),
    },
    time: realTime,
    log,
    metrics: new Registry(),
    signal: new AbortController().signal,
  };
  return { room, lines, data: world.data, open };
}

/** A visit's slot on the stream, with its claim where it has come so far. */
export async function announced(room: Room, number: number, state?: ClaimState): Promise<Facts> {
  const slot = { instrument: SimCam.name, group: `group ${number}`, detector: detector.number };
  const request: DetectorVisit = {
    ...{
      salIndex: 1,
      scriptSalIndex: 1,
      instrument: SimCam.name,
      groupId: slot.group,
      detector: detector.number,
    },
    ...{ coordinateSystem: 2, rotationSystem: 2, cameraAngle: 0, position: [53.1, -28.1], filters: 'r_sim' },
    ...{ startTime: 1_766_000_000 + 40 * number, private_sndStamp: 1_766_000_000, duration: 30, nimages: 1 },
    ...{ dome: 2, survey: 'test', totalCheckpoints: 1 },
  };
  const { stream, group } = streamOf(room.config);
  const entry = { item: slotText(slot), fields: streamFields(request, detector.number) };
  await room.ports.stream.appendAll(stream, [entry], { group, dedupeSeconds: 60 });
  const facts = { slot, slotText: entry.item, request, instrument: SimCam, detector };
  if (state === undefined) return facts;
  const place = { visit: visitOf(number), detector: detector.number, slot: entry.item };
  const claim = await room.ports.sources.claim({ ...place, owner: 'test', changedMs: Date.now() });
  if (state !== 'claimed') await room.ports.sources.advance(claim, state, Date.now());
  return { ...facts, claim: (await room.ports.sources.findClaim(place.visit, place.detector))! };
}

/** A detector whose measured sources wait sealed for the gate. */
export async function measuredFacts(room: Room, measured: Measured, number = 1): Promise<Facts> {
  const facts = await announced(room, number, 'measured');
  await keepSealed(facts, room, measured);
  return facts;
}

/** Runs a phase that goes on. */
export async function factsAfter(phase: Phase, facts: Facts, room: Room): Promise<Facts> {
  const result = await phase(facts, room);
  if (isOutcome(result)) throw new Error(`The phase ended the unit: ${JSON.stringify(result)}`);
  return result;
}

/** The gate's fault that a phase throws. */
export async function faultOf(phase: Phase, facts: Facts, room: Room): Promise<Error> {
  const error = await Promise.resolve(phase(facts, room)).catch((error: unknown) => error);
  expect(error).toSatisfy((error) => isFault(error) && error.dependency === 'sattle');
  return error as Error;
}
