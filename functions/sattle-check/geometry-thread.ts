import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Fault, serveWorker } from 'openfaas-sdk-ts';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { boxesOnTracks } from '#shared/domain/satellites/corridor.ts';
import type { Satellite } from '#shared/domain/satellites/element-set.ts';
import { parseSnapshot, type Snapshot } from '#shared/domain/satellites/snapshot.ts';
import { type FieldTracks, fieldTracks } from '#shared/domain/satellites/track.ts';
import { defaultUncertainty } from '#shared/domain/satellites/uncertainty.ts';
import { mjdTai } from '#shared/domain/time/scales.ts';
import { type AllowQuery, allowAnswer, parseAllowQuery, Refusal, type ToldVisit } from './core.ts';

/** What the geometry thread does for the main one. Tracks never leave it. */
export interface GeometryWork {
  /** Reads the body of a request for an allow list. */
  read(body: Uint8Array): Promise<AllowQuery | Refused>;
  /** Takes a snapshot in, for the calls that name it. */
  load(input: { snapshot: Snapshot; bytes: Uint8Array }): Promise<void>;
  /** Finds the satellites that cross a visit; undefined where the snapshot is not loaded. */
  trace(input: { told: ToldVisit; snapshotId: string }): Promise<Traced | undefined>;
  /** Answers a request; undefined as before. */
  allow(input: {
    told: ToldVisit;
    snapshotId: string;
    query: AllowQuery;
  }): Promise<{ body: string } | Refused | undefined>;
}

/** A Refusal, as it crosses the threads. */
export interface Refused {
  readonly status: 400 | 404 | 500;
  readonly text: string;
}

/** Counts, nothing else. */
export interface Traced {
  readonly satellites: number;
  readonly crossing: number;
  readonly lost: number;
}

/** Each holds 26,000 element sets in 50 MB; two, so that the night's change of catalogue does not load one twice. */
const snapshotsKept = 2;
/** The visits of 20 minutes; each holds some 300 pieces. */
const visitsKept = 32;
/** Part of the element sets that may give no position: 2.4 % of a catalogue with a month's old ones do not. */
const greatestLoss = 0.1;

const snapshots = new Map<string, readonly Satellite[]>();
const visits = new Map<string, FieldTracks>();
const decompress = promisify(gunzip);

serveWorker<GeometryWork>({
  read: async (body) => refusing(() => parseAllowQuery(Buffer.from(body).toString())),
  load: async ({ snapshot, bytes }) => {
    const lines = (await decompress(bytes)).toString();
    keep(snapshots, snapshot.id, parseSnapshot(lines, snapshot), snapshotsKept);
  },
  trace: async ({ told, snapshotId }) => {
    const satellites = snapshots.get(snapshotId);
    if (!satellites) return undefined;
    const { crossing, lost } = tracksOf(told, snapshotId, satellites);
    return { satellites: satellites.length, crossing, lost };
  },
  allow: async ({ told, snapshotId, query }) => {
    const satellites = snapshots.get(snapshotId);
    if (!satellites) return undefined;
    const { pieces } = tracksOf(told, snapshotId, satellites);
    return refusing(() => ({ body: allowAnswer(query, onTracks(query, pieces, told)) }));
  },
});

function tracksOf(told: ToldVisit, snapshotId: string, satellites: readonly Satellite[]): FieldTracks {
  const key = [snapshotId, told.beginMjdTai, told.endMjdTai, told.raDeg, told.decDeg].join(' ');
  const known = visits.get(key);
  if (known) return known;
  const exposure = {
    beginMjdTai: mjdTai(told.beginMjdTai),
    endMjdTai: mjdTai(told.endMjdTai),
    boresight: told,
  };
  // Rubin's telescope and the simulator's stand at the same place, and the request does not say where it is asked.
  const tracks = fieldTracks(satellites, exposure, rubinSite, defaultUncertainty);
  if (tracks.lost > greatestLoss * satellites.length)
    throw new Fault(
      'NS_DEPENDENCY_UNAVAILABLE',
      `Of the ${satellites.length} element sets of the snapshot ${snapshotId}, ${tracks.lost} give no position at the visit: it is not trusted.`,
      { dependency: 'satellite snapshot' },
    );
  keep(visits, key, tracks, visitsKept);
  return tracks;
}

/** A box outside the field, or of more than a hemisphere, is the asker's mistake. */
function onTracks(query: AllowQuery, pieces: FieldTracks['pieces'], told: ToldVisit): boolean[] {
  try {
    return boxesOnTracks(query.corners, pieces, told);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const failed = `Failed computing allow_list for visit ${query.name}, detector ${query.detector}`;
    throw new Refusal(400, `${failed}: ${error.message}`);
  }
}

function refusing<T>(work: () => T): T | Refused {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, text: error.message };
    throw error;
  }
}

/** Sets an entry and drops the oldest ones beyond so many. */
function keep<T>(cache: Map<string, T>, key: string, value: T, most: number): void {
  cache.delete(key);
  cache.set(key, value);
  for (const oldest of [...cache.keys()].slice(0, -most)) cache.delete(oldest);
}
