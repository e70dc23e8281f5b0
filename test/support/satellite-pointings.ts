import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { boxesOnTracks } from '#shared/domain/satellites/corridor.ts';
import { parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { type Satellite, satelliteOf } from '#shared/domain/satellites/element-set.ts';
import { fieldTracks } from '#shared/domain/satellites/track.ts';
import { defaultUncertainty } from '#shared/domain/satellites/uncertainty.ts';
import { mjdTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { python } from './python.ts';

type Corner = readonly [raDeg: number, decDeg: number];

/** A satellite that is in the field while the shutter is open, by sgp4 and astropy. */
export interface Crosser {
  readonly norad: string;
  readonly regime: string;
  readonly ageDays: number;
  readonly rangeKm: number;
  readonly degreesASecond: number;
  readonly places: readonly Corner[];
  /** Of a satellite as far from its elements as the corridor assumes that it may be. */
  readonly displaced: readonly Corner[];
}

/** What satellite-truth.py tells of one pointing. */
export interface PointingTruth {
  readonly beginMjdTai: number;
  readonly endMjdTai: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly lost: number;
  readonly crossers: readonly Crosser[];
  readonly boxes: readonly (readonly Corner[])[];
}

export async function truthOfPointings(
  catalog: string,
  { seed, first, count, boxes }: { seed: number; first: number; count: number; boxes: number },
): Promise<PointingTruth[]> {
  const script = join(import.meta.dirname, '../accept/satellite-truth.py');
  const lines = await python(script, [catalog, ...[seed, first, count, boxes].map(String)]);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** All element sets of a catalogue, as satellite-catalog reads them. */
export function readSatellites(catalog: string): Satellite[] {
  const { elements, refused } = parseElementFile(readFileSync(catalog, 'utf8'), catalog);
  if (refused.length > 0) throw new Error(`${refused[0].place} is refused: ${refused[0].why}`);
  return elements.map(({ omm }) => satelliteOf(omm));
}

/** What our geometry makes of a pointing. */
export interface Judged {
  readonly truth: PointingTruth;
  readonly lost: number;
  /** How many of each crosser's places are in a corridor. */
  readonly covered: readonly number[];
  readonly displacedCovered: readonly number[];
  /** Parts of the boxes, which lie off every true path of fresh elements, that are removed: by those, and by all. */
  readonly removedByFresh: number;
  readonly removedByAll: number;
}

const freshDays = 1;
const asBox = (place: Corner) => [place, place, place, place];

export function judgePointing(satellites: readonly Satellite[], truth: PointingTruth): Judged {
  const exposure = {
    beginMjdTai: mjdTai(truth.beginMjdTai),
    endMjdTai: mjdTai(truth.endMjdTai),
    boresight: truth,
  };
  const tracksOf = (some: readonly Satellite[]) => fieldTracks(some, exposure, rubinSite, defaultUncertainty);
  const middle = mjdUtcFromTai(mjdTai((truth.beginMjdTai + truth.endMjdTai) / 2));
  const fresh = satellites.filter(({ epochMjdUtc }) => Math.abs(middle - epochMjdUtc) < freshDays);
  const all = tracksOf(satellites);
  const removed = (boxes: readonly (readonly Corner[])[], tracks: typeof all): number => {
    const onTracks = boxesOnTracks(Float64Array.from(boxes.flat(2)), tracks.pieces, truth);
    return onTracks.filter(Boolean).length;
  };
  return {
    truth,
    lost: all.lost,
    covered: truth.crossers.map(({ places }) => removed(places.map(asBox), all)),
    displacedCovered: truth.crossers.map(({ displaced }) => removed(displaced.map(asBox), all)),
    removedByFresh: removed(truth.boxes, tracksOf(fresh)) / truth.boxes.length,
    removedByAll: removed(truth.boxes, all) / truth.boxes.length,
  };
}
