import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import { frame } from '#shared/domain/alert/wire.ts';
import type { Card, Header } from '#shared/domain/fits/header.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { rawKey, sidecarKey } from '#shared/domain/ids/object-key.ts';
import { patchAt } from '#shared/domain/sky/skymap.ts';
import type { Wcs } from '#shared/domain/sky/wcs.ts';
import { nextVisitSchema } from '#shared/schemas/events/next-visit.ts';
import { anyElements, type ElementSet } from '../../cli/simulator/orbits.ts';
import { randomStream } from '../../cli/simulator/random.ts';
import { isoTai, taiFromUnixMs } from '../../cli/simulator/tai.ts';
import type { Observatory } from './observatory.ts';

/** 2018-08-04T09:23:31 UTC, when the real frame was taken; visits follow a minute after each other. */
export const firstExposureMs = Date.UTC(2018, 7, 4, 9, 23, 31);
const dayObs = 20180803;
export const filterName = 'i DECam SDSS c0003 7835.0 1470.0';
const band = 'i';

/** Pixels as the camera gives them, with the cards that describe them (world coordinates, gain, sky...). */
export interface Frame {
  readonly cards: Header;
  readonly wcs: Wcs;
  readonly width: number;
  readonly height: number;
  /** Counts. */
  readonly pixels: Float32Array;
  /** The frame's centre, degrees. */
  readonly raDeg: number;
  readonly decDeg: number;
  /** FILTER of its header. */
  readonly filter: string;
  /** Declared flux of one count. */
  readonly njyPerCount: number;
}

/** A frame in nJy with the variance of its pixels. */
export type Template = Omit<Frame, 'njyPerCount'> & { readonly variance: Float32Array };

/** One visit of DECam, detector 0, as it will be announced and stored. */
export interface DecamVisit {
  readonly visit: bigint;
  readonly group: string;
  readonly slot: string;
  /** nextVisit's 23 fields. */
  readonly announcement: Readonly<Record<string, unknown>>;
  /** Key of the raw in its bucket. */
  readonly key: string;
  readonly sidecar: Readonly<Record<string, unknown>>;
  readonly fits: Uint8Array;
}

export function decamVisit(seqNum: number, frame: Frame, seconds = 30): DecamVisit {
  const beginMs = firstExposureMs + (seqNum - 1) * 60_000;
  const [begin, end] = [taiFromUnixMs(beginMs), taiFromUnixMs(beginMs + seconds * 1000)];
  const group = isoTai(begin - 20_000);
  const key = rawKey(DECam, { dayObs, seqNum, controller: 'O' }, 0);
  const obsId = key.split('/')[2]!;
  const sidecar = {
    INSTRUME: 'DECam',
    OBSID: obsId,
    GROUPID: group,
    CURINDEX: 1,
    MAXINDEX: 1,
    RAFTBAY: 'R00',
    CCDSLOT: 'S00',
    DAYOBS: String(dayObs),
    SEQNUM: seqNum,
    CONTRLLR: 'O',
    IMGTYPE: 'OBJECT',
    OBJECT: 'DECam field',
    REASON: 'science',
    FILTER: frame.filter,
    TIMESYS: 'TAI',
    'DATE-OBS': isoTai(begin),
    'DATE-BEG': isoTai(begin),
    'DATE-END': isoTai(end),
    EXPTIME: seconds,
    NJYCOUNT: frame.njyPerCount,
  };
  const { width, height, pixels } = frame;
  const header: Card[] = Object.entries(sidecar).map(([keyword, value]) => ({ keyword, value }));
  return {
    visit: BigInt(dayObs) * 100_000n + BigInt(seqNum),
    group,
    slot: `DECam/${encodeURIComponent(group)}/0`,
    announcement: announcementOf(group, begin, frame),
    key,
    sidecar,
    fits: writeFits([{ header: [...header, ...frame.cards], image: { width, height, pixels } }]),
  };
}

/** No angle on the sky: the frame's own coordinates say where it is, so nothing is predicted. */
function announcementOf(group: string, begin: number, { raDeg, decDeg }: Frame): Record<string, unknown> {
  const sent = begin / 1000 - 20;
  return {
    private_efdStamp: sent - 37,
    private_kafkaStamp: sent,
    salIndex: 1,
    private_revCode: 'test',
    private_sndStamp: sent,
    private_rcvStamp: 0,
    private_seqNum: 1,
    private_identity: 'ScriptQueue:1',
    private_origin: 1,
    scriptSalIndex: 200_000,
    groupId: group,
    coordinateSystem: 2,
    position: [raDeg, decDeg],
    startTime: begin / 1000,
    rotationSystem: 1,
    cameraAngle: 0,
    filters: filterName,
    dome: 2,
    duration: 30,
    nimages: 1,
    instrument: 'DECam',
    survey: 'test',
    totalCheckpoints: 1,
  };
}

const nextVisitType = avro.Type.forSchema(nextVisitSchema as avro.Schema);

/** A record of the summit's topic: Confluent framing, schema 1. */
export const nextVisitRecord = (announcement: Readonly<Record<string, unknown>>): Uint8Array =>
  frame(1, nextVisitType.toBuffer(announcement));

/** Announces a visit and stores its sidecar and raw, as the camera does. */
export async function observe(
  observatory: Observatory,
  { announcement, key, sidecar, fits }: DecamVisit,
): Promise<void> {
  await observatory.announce(nextVisitRecord(announcement));
  await observatory.raws.put(sidecarKey(key), Buffer.from(JSON.stringify(sidecar)));
  await observatory.raws.put(key, fits);
}

/** Puts a template of the frame's sky where process-detector looks for it: planes IMAGE and VARIANCE in nJy. */
export async function putTemplate({ products }: Observatory, frame: Template): Promise<void> {
  const { tract, patch } = patchAt(frame.raDeg, frame.decDeg);
  const { width, height } = frame;
  const plane = (name: string, pixels: Float32Array) => ({
    header: [{ keyword: 'EXTNAME', value: name }, ...frame.cards],
    image: { width, height, pixels },
  });
  const tile = writeFits([{ header: [] }, plane('IMAGE', frame.pixels), plane('VARIANCE', frame.variance)]);
  await products.put(`templates/DECam/${band}/${tract}/${patch}.fits`, tile);
}

/** Ten satellites with epochs of the night. */
function anySatellites(): ElementSet[] {
  const draw = randomStream('satellites of the DECam night');
  const begin = taiFromUnixMs(firstExposureMs);
  return Array.from({ length: 10 }, (_, index) => anyElements(draw, 40_000 + index, begin));
}

/** A catalogue, by default of ten satellites and an hour older than the first exposure, in place of any other. */
export async function putSatellites(
  { products }: Pick<Observatory, 'products'>,
  { elements = anySatellites(), hoursBefore = 1 } = {},
): Promise<void> {
  const epochs = elements.map(({ EPOCH }) => EPOCH).sort();
  const id = `20180803-${elements.length}-${hoursBefore}`;
  const key = `satellites/snapshots/${id}.jsonl.gz`;
  await products.put(key, gzipSync(elements.map((each) => `${JSON.stringify(each)}\n`).join('')));
  const asOfUtc = new Date(firstExposureMs - hoursBefore * 3_600_000).toISOString();
  const epoch = (index: number): string => (epochs.length === 0 ? asOfUtc : `${epochs.at(index)}Z`);
  const entry = {
    id,
    key,
    asOfUtc,
    count: elements.length,
    oldestEpochUtc: epoch(0),
    medianEpochUtc: epoch(Math.floor(epochs.length / 2)),
    newestEpochUtc: epoch(-1),
    sources: [],
  };
  await products.put('satellites/snapshots/index.json', Buffer.from(JSON.stringify({ snapshots: [entry] })));
}
