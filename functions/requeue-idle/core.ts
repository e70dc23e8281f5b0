import { rawDataset } from '#shared/domain/butler/raw-record.ts';
import { exposureId, parseObservationId } from '#shared/domain/ids/exposure-id.ts';
import { detectorByName, findInstrument } from '#shared/domain/ids/instruments.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { type CameraPath, parseObjectPath } from '#shared/domain/ids/object-key.ts';
import {
  dayObs,
  dayObsFromMjdDay,
  mjdDayFromDayObs,
  mjdTaiFromUtc,
  mjdUtcFromUnixMs,
} from '#shared/domain/time/scales.ts';
import type { ObjectFacts } from '#shared/ports/object-store.ts';

/** Day folders in which raws may still be missing: of each instrument, the current observing day and some before it. */
export function dayFolders(instruments: readonly string[], nightMs: number, days: number): string[] {
  const today = mjdDayFromDayObs(dayObs(mjdTaiFromUtc(mjdUtcFromUnixMs(nightMs))));
  const recent = Array.from({ length: days }, (_, before) => dayObsFromMjdDay(today - before));
  return instruments.flatMap((instrument) => recent.map((day) => `${instrument}/${day}/`));
}

/** A raw in the bucket, as far as its key tells. */
export interface RawObject {
  readonly key: string;
  readonly path: CameraPath;
  readonly eTag: string;
  readonly modifiedMs: number;
  /** Id of the dataset that it is once it is ingested. */
  readonly datasetId: string;
  readonly isGuider: boolean;
}

/** Reads a listed object; undefined where it is no raw of an instrument that is known, and what `pattern` leaves out. */
export function rawObject(
  { key, eTag, modifiedMs }: ObjectFacts,
  bucket: string,
  pattern: RegExp,
): RawObject | undefined {
  const text = `${bucket}/${key}`;
  const [, detectorName] = /_(R\d\d_S[\dWG]\d)(_guider)?\.fits(\.fz)?$/.exec(key) ?? [];
  if (detectorName === undefined || !pattern.test(text)) return undefined;
  try {
    const path = parseObjectPath(text);
    const instrument = findInstrument(path.instrument);
    const detector = instrument && detectorByName(instrument, detectorName);
    if (path.kind !== 'camera' || !detector) return undefined;
    const { id } = rawDataset(instrument, detector, exposureId(parseObservationId(path.expId)));
    return { key, path, eTag, modifiedMs, datasetId: id, isGuider: detector.purpose === 'GUIDER' };
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
