import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { handOver, serveWorker } from 'openfaas-sdk-ts';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { boxesOnTracks, piecesNear } from '#shared/domain/satellites/corridor.ts';
import type { Satellite } from '#shared/domain/satellites/element-set.ts';
import { gateSignature } from '#shared/domain/satellites/gate-signature.ts';
import type { Snapshot } from '#shared/domain/satellites/snapshot.ts';
import { type Part, satellitesOf } from '#shared/domain/satellites/snapshot-part.ts';
import { type FieldTracks, fieldTracks } from '#shared/domain/satellites/track.ts';
import { defaultUncertainty, type Uncertainty } from '#shared/domain/satellites/uncertainty.ts';
import { ARCSEC_A_RADIAN } from '#shared/domain/sky/vector.ts';
import { type MjdUtc, mjdTai, mjdTaiFromUtc } from '#shared/domain/time/scales.ts';
import { cellArcsec, countSmall, onLattice } from './box-lattice.ts';
import { type AllowQuery, allowAnswer, allowedIds, nameOf, parseAllowQuery, type ToldVisit } from './core.ts';
import { badRequest, brokenCatalogue, Refusal, type Refused } from './refusal.ts';

/** What a visit is judged by. */
export interface Judging {
  readonly told: ToldVisit;
  readonly snapshotId: string;
  readonly uncertainty: Uncertainty;
}

/** What the geometry thread does for the main one. Tracks never leave it. */
export interface GeometryWork {
  /** Reads the body of a request for an allow list. */
  read(body: Uint8Array): Promise<AllowQuery | Refused>;
  /** True where the snapshot is loaded. */
  holds(snapshotId: string): Promise<true | undefined>;
  /** Takes the bytes of a snapshot; `loadSome` makes satellites of them. */
  take(input: { snapshot: Snapshot; open: Uint8Array; sealed?: Uint8Array }): Promise<void>;
  /** One step of a load: whether there is more to do; undefined where nothing was taken, since the thread is a new one. */
  loadSome(snapshotId: string): Promise<boolean | undefined>;
  /** Finds the satellites that cross a visit; undefined where the snapshot is not loaded. */
  trace(input: Judging): Promise<Traced | Refused | undefined>;
  /** Answers a request; undefined as before. */
  allow(input: Judging & { query: AllowQuery; sign?: Signing }): Promise<Allowed | Refused | undefined>;
}

export interface Signing {
  readonly key: string;
  readonly nonce: string;
}

/** Counts, nothing else. */
export interface Traced {
  readonly satellites: number;
  readonly crossing: number;
  readonly lost: number;
}

export interface Allowed {
  readonly body: string;
  readonly signature?: string;
  readonly asked: number;
  readonly removed: number;
  /** Boxes smaller than a cell of the lattice. */
  readonly small: number;
}

/** Each holds 26,000 element sets in 50 MB; two, so that the night's change of catalogue does not load one twice. */
const snapshotsKept = 2;
/** The visits of 20 minutes; each holds some 300 pieces. */
const visitsKept = 32;
/** Part of the element sets that may give no position: 2.4 % of a catalogue with a month's old ones do not. */
const greatestLoss = 0.1;

const loads = new Map<string, Generator<undefined, Satellite[]>>();
const snapshots = new Map<string, readonly Satellite[]>();
const visits = new Map<string, FieldTracks>();
const decompress = promisify(gunzip);

serveWorker<GeometryWork>({
  read: async (body) => {
    const query = refusing(() =>
      parseAllowQuery(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()),
    );
    if ('status' in query) return query;
    return handOver(query, [new Uint8Array(query.ids.buffer), new Uint8Array(query.corners.buffer)]);
  },
  holds: async (snapshotId) => (snapshots.has(snapshotId) ? true : undefined),
  take: async ({ snapshot: { id, count, sealed, asOfMjdUtc }, open, sealed: secret }) => {
    const privateCount = sealed?.count ?? 0;
    const parts = [{ lines: await linesOf(open, id), count: count - privateCount, isPrivate: false }];
    if (secret) parts.push({ lines: await linesOf(secret, id), count: privateCount, isPrivate: true });
    loads.set(id, readySatellites(id, parts, asOfMjdUtc));
  },
  loadSome: async (id) => {
    const load = loads.get(id);
    if (!load) return undefined;
    try {
      const step = load.next();
      if (!step.done) return true;
      keep(snapshots, id, step.value, snapshotsKept);
    } catch (error) {
      loads.delete(id);
      throw error;
    }
    loads.delete(id);
    return false;
  },
  trace: async (judging) => {
    const satellites = used(snapshots, judging.snapshotId);
    if (!satellites) return undefined;
    return refusing(() => {
      const { crossing, lost } = tracksOf(judging, satellites);
      return { satellites: satellites.length, crossing, lost };
    });
  },
  allow: async ({ query, sign, ...judging }) => {
    const satellites = used(snapshots, judging.snapshotId);
    if (!satellites) return undefined;
    return refusing(() => {
      const { pieces } = tracksOf(judging, satellites);
      const allowed = allowedIds(query.ids, onTracks(query, pieces, judging.told));
      const small = countSmall(query.corners);
      const [asked, removed] = [query.ids.length, query.ids.length - allowed.length];
      const body = allowAnswer(query, allowed);
      if (!sign) return { body, asked, removed, small };
      const statement = { ...query, asked: query.ids, allowed, snapshotId: judging.snapshotId };
      const signature = gateSignature(sign.key, { ...statement, nonce: sign.nonce });
      return { body, signature, asked, removed, small };
    });
  },
});

/** Satellites a step: 10 ms. */
const tracedAtOnce = 1000;

/** The satellites of a snapshot, each looked at once: the first visit over a catalogue takes 0.3 s, each later one 0.13 s. */
function* readySatellites(
  id: string,
  parts: readonly Part[],
  asOf: MjdUtc,
): Generator<undefined, Satellite[]> {
  const satellites = yield* satellitesOf(id, parts);
  const begin = mjdTaiFromUtc(asOf);
  const exposure = {
    beginMjdTai: begin,
    endMjdTai: mjdTai(begin + 30 / 86_400),
    boresight: { raDeg: 0, decDeg: 0 },
  };
  for (let from = 0; from < satellites.length; from += tracedAtOnce) {
    fieldTracks(satellites.slice(from, from + tracedAtOnce), exposure, rubinSite, defaultUncertainty);
    yield;
  }
  return satellites;
}

/** Lines of a gzip. Both the bytes and what they unpack to are overwritten: they may be of a private source. */
async function linesOf(bytes: Uint8Array, id: string): Promise<string[]> {
  const text = await unpacked(bytes, id);
  const lines = text.toString().split('\n');
  for (const clear of [bytes, text]) clear.fill(0);
  return lines.filter((line) => line !== '');
}

async function unpacked(bytes: Uint8Array, id: string): Promise<Buffer> {
  try {
    return await decompress(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`The snapshot ${id} cannot be unpacked: ${reason}.`, { cause });
  }
}

function tracksOf({ told, snapshotId, uncertainty }: Judging, satellites: readonly Satellite[]): FieldTracks {
  const key = [snapshotId, told.beginMjdTai, told.endMjdTai, told.raDeg, told.decDeg].join(' ');
  const known = visits.get(key);
  if (known) return known;
  const exposure = {
    beginMjdTai: mjdTai(told.beginMjdTai),
    endMjdTai: mjdTai(told.endMjdTai),
    boresight: told,
  };
  // Rubin's telescope and the simulator's stand at the same place, and the request does not say where it is asked.
  const tracks = fieldTracks(satellites, exposure, rubinSite, uncertainty);
  if (tracks.lost > greatestLoss * satellites.length)
    throw brokenCatalogue(
      `Of the ${satellites.length} element sets of the snapshot ${snapshotId}, ${tracks.lost} give no position at the visit, so it is not trusted.`,
    );
  keep(visits, key, tracks, visitsKept);
  return tracks;
}

/** How far a box may grow on the lattice, with some reserve for its diagonal. */
const growth = (2 * cellArcsec) / ARCSEC_A_RADIAN;

/** A box outside the field, or of more than a hemisphere, is the asker's mistake. */
function onTracks(query: AllowQuery, pieces: FieldTracks['pieces'], told: ToldVisit): boolean[] {
  try {
    const near = piecesNear(query.corners, pieces, told, growth);
    if (near.length === 0) return new Array<boolean>(query.ids.length).fill(false);
    return boxesOnTracks(onLattice(query.corners, told), near, told);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const failed = `Failed computing allow_list for visit ${nameOf(query)}, detector ${query.detector}`;
    throw badRequest(`${failed}: ${error.message}`);
  }
}

function refusing<T>(work: () => T): T | Refused {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, reason, text } = error;
    return { status, reason, text };
  }
}

/** An entry, which is now the last one to be dropped. */
function used<T>(cache: Map<string, T>, key: string): T | undefined {
  const value = cache.get(key);
  if (value !== undefined) keep(cache, key, value, cache.size);
  return value;
}

/** Sets an entry and drops those used longest ago beyond so many. */
function keep<T>(cache: Map<string, T>, key: string, value: T, most: number): void {
  cache.delete(key);
  cache.set(key, value);
  for (const oldest of [...cache.keys()].slice(0, -most)) cache.delete(oldest);
}
