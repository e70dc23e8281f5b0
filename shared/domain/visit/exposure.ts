import { cardValue, type Header } from '../fits/header.ts';
import { bandOf, type Instrument } from '../ids/instruments.ts';
import type { Boresight } from '../sky/camera.ts';
import { type ExposureTimes, exposureTimes } from '../time/exposure-times.ts';

/** A FITS primary header as cards, or as the object that the sidecar JSON holds. */
export type Keywords = Header | Readonly<Record<string, unknown>>;

/** What the header of a raw says of its exposure, as far as processing and alerts need it. */
export interface ExposureFacts extends ExposureTimes {
  readonly group?: string;
  readonly physicalFilter: string;
  readonly band: string;
  readonly exposureSeconds: number;
  /** Absent where the header has no tracking position or no angle on the sky. */
  readonly boresight?: Boresight;
  readonly observationReason?: string;
  readonly targetName?: string;
  /** Declared flux of one count per exposure, nJy, for frames that no reference catalogue covers (NJYCOUNT). */
  readonly declaredZeroPoint?: number;
}

/** @throws RangeError naming the keyword that is missing or unusable. */
export function exposureOf(instrument: Instrument, keywords: Keywords): ExposureFacts {
  const read = (name: string): unknown =>
    Array.isArray(keywords)
      ? cardValue(keywords as Header, name)
      : (keywords as Record<string, unknown>)[name];
  const text = (name: string): string | undefined => {
    const value = read(name);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const number = (name: string): number | undefined => {
    const value = read(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const physicalFilter = text('FILTER');
  const band = physicalFilter && bandOf(instrument, physicalFilter);
  if (!physicalFilter || !band) {
    throw new RangeError(
      `The header's FILTER is ${String(read('FILTER'))}, which is no filter of ${instrument.name}.`,
    );
  }
  const times = exposureTimes(keywords);
  const exposureSeconds = number('EXPTIME') ?? Number(times.endTaiNs - times.beginTaiNs) / 1e9;
  const [raDeg, decDeg, skyAngleDeg] = [number('RA'), number('DEC'), number('ROTPA')];
  const onSky = (text('ROTCOORD') ?? 'sky') === 'sky';
  const pointed = raDeg !== undefined && decDeg !== undefined && skyAngleDeg !== undefined && onSky;
  return {
    ...times,
    group: text('GROUPID'),
    physicalFilter,
    band,
    exposureSeconds,
    ...(pointed && { boresight: { raDeg, decDeg, skyAngleDeg } }),
    observationReason: text('REASON'),
    targetName: text('OBJECT'),
    declaredZeroPoint: number('NJYCOUNT'),
  };
}

/** Difference of two angles in degrees, in [-180, 180). */
const wrapDeg = (angle: number): number => ((((angle + 180) % 360) + 360) % 360) - 180;

/**
 * Why an exposure cannot be what was announced, or undefined where it can: its angle on the sky is unknown, or more
 * than 1 degree off (prompt_processing's only test; its rotationSystem 1 is NONE and demands nothing).
 */
export function unprocessable(
  exposure: ExposureFacts,
  announced: { rotationSystem: number; cameraAngle: number },
): string | undefined {
  if (announced.rotationSystem === 1) return undefined;
  if (!exposure.boresight) return 'its header has no position and angle on the sky';
  const off = Math.abs(wrapDeg(exposure.boresight.skyAngleDeg - announced.cameraAngle));
  return off > 1
    ? `its angle on the sky is ${off.toFixed(2)} degrees off the announced ${announced.cameraAngle}`
    : undefined;
}
