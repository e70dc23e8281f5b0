import { type Detector, detectorByNumber, type Instrument } from '#shared/domain/ids/instruments.ts';
import { detectorWcs } from '#shared/domain/sky/camera.ts';
import { pixelToSky, type Wcs } from '#shared/domain/sky/wcs.ts';
import type { Profile } from './paint.ts';
import {
  electronsPerNjy,
  noiseArea,
  PIXEL_ARCSEC,
  READ_NOISE_ELECTRONS,
  skyElectrons,
  templateVariance,
} from './passbands.ts';
import { randomStream } from './random.ts';
import { offsetBy } from './sky-cells.ts';
import type { Visit } from './survey-plan.ts';

/** What the sky and the telescope really did in one exposure; the header knows none of it. */
export interface Conditions {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly skyAngleDeg: number;
  /** Full width at half maximum in the middle of a detector, pixels. */
  readonly fwhmPixels: number;
  /** Electrons that a source of 1 nJy gives, clouds included. */
  readonly electronsPerNjy: number;
  /** Electrons per pixel in the middle of the detector. */
  readonly sky: number;
  /** Relative change of the sky from the middle to the right and upper edge. */
  readonly skySlopeX: number;
  readonly skySlopeY: number;
}

/** Pointing: 1.5" rms an axis, no more than 4", and 0.005 degrees of rotation. */
const POINTING_RMS_ARCSEC = 1.5;
const POINTING_LIMIT_ARCSEC = 4;
const ROTATION_RMS_DEG = 0.005;

export function conditionsOf(seed: number, visit: Visit): Conditions {
  const draw = randomStream(seed, 'conditions', visit.index);
  const error = () =>
    Math.max(-POINTING_LIMIT_ARCSEC, Math.min(POINTING_LIMIT_ARCSEC, POINTING_RMS_ARCSEC * draw.normal()));
  return {
    ...offsetBy(visit.raDeg, visit.decDeg, error(), error()),
    skyAngleDeg: visit.skyAngleDeg + ROTATION_RMS_DEG * draw.normal(),
    fwhmPixels: draw.between(0.7, 0.9) / PIXEL_ARCSEC,
    electronsPerNjy: electronsPerNjy(visit.band) * draw.between(0.9, 1),
    sky: skyElectrons(visit.band) * draw.between(0.92, 1.1),
    skySlopeX: draw.between(-0.02, 0.02),
    skySlopeY: draw.between(-0.02, 0.02),
  };
}

/** Where the detector's pixels really point. */
export function trueWcs(instrument: Instrument, detector: Detector, conditions: Conditions): Wcs {
  return detectorWcs(instrument, detector.number, conditions);
}

/** The point-spread function varies over the detector: 7 % in width, 0.03 in ellipticity. */
export function profileAt(conditions: Conditions, detector: Detector, x: number, y: number): Profile {
  const u = (2 * x) / detector.width - 1;
  const v = (2 * y) / detector.height - 1;
  return {
    beta: 3,
    fwhmPixels: conditions.fwhmPixels * (1 + 0.03 * u + 0.02 * v + 0.015 * (u * u + v * v)),
    e1: 0.03 * u,
    e2: 0.01 + 0.02 * v,
  };
}

/** Sky electrons of a pixel before vignetting. */
export function skyAt(conditions: Conditions, detector: Detector, x: number, y: number): number {
  const u = (2 * x) / detector.width - 1;
  const v = (2 * y) / detector.height - 1;
  return conditions.sky * (1 + conditions.skySlopeX * u + conditions.skySlopeY * v);
}

/** One sigma of a point source's flux in the difference at (x, y), nJy: sky, read-out and template, no host. */
export function differenceSigma(
  conditions: Conditions,
  detector: Detector,
  band: Visit['band'],
  x: number,
  y: number,
): number {
  const electrons = skyAt(conditions, detector, x, y) + READ_NOISE_ELECTRONS ** 2;
  const area = noiseArea(profileAt(conditions, detector, x, y).fwhmPixels, 3);
  return Math.sqrt(area * (electrons / conditions.electronsPerNjy ** 2 + templateVariance(band)));
}

/** Where the middle of a detector points by the plan, and half its width. */
export function detectorCentre(instrument: Instrument, number: number, pointing: Visit) {
  const detector = detectorByNumber(instrument, number);
  if (!detector) throw new Error(`${instrument.name} has no detector ${number}.`);
  const wcs = detectorWcs(instrument, number, pointing);
  const centre = pixelToSky(wcs, (detector.width - 1) / 2, (detector.height - 1) / 2);
  return { ...centre, halfWidthArcsec: (PIXEL_ARCSEC * Math.min(detector.width, detector.height)) / 2 };
}
