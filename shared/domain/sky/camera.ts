import { type Detector, detectorByNumber, type Instrument } from '../ids/instruments.ts';
import type { Sip } from './sip.ts';
import { ARCSEC_A_RADIAN, fromPlane, type Polygon, RADIANS_A_DEGREE, tangentPlane } from './vector.ts';
import type { Wcs } from './wcs.ts';

/** Where the camera points: the optical axis, and Butler's `sky_angle` (FITS ROTPA). */
export interface Boresight {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly skyAngleDeg: number;
}

/**
 * World coordinates of a detector. The focal plane is the tangent plane of the boresight but for a radial polynomial,
 * and an odd one is a polynomial in x and y: as SIP about the optical axis it is exact, with no fit, at the price of a
 * reference pixel that may be 30,000 pixels off the detector.
 */
export function detectorWcs(instrument: Instrument, detectorNumber: number, boresight: Boresight): Wcs {
  const detector = requireDetector(instrument, detectorNumber);
  const cos = Math.cos(detector.yawDeg * RADIANS_A_DEGREE);
  const sin = Math.sin(detector.yawDeg * RADIANS_A_DEGREE);
  const { pixelMm, offsetXmm, offsetYmm } = detector;
  const crpix = [
    detector.refX - (cos * offsetXmm + sin * offsetYmm) / pixelMm,
    detector.refY - (cos * offsetYmm - sin * offsetXmm) / pixelMm,
  ] as const;
  const [c0 = 0, c1 = 0] = instrument.radialCoefficients;
  if (c0 !== 0 || c1 === 0)
    throw new RangeError(`The distortion of ${instrument.name} does not leave its axis in place.`);
  const scale = ((instrument.plateScaleArcsecPerMm * c1) / 3600) * pixelMm;
  const angle = (boresight.skyAngleDeg + detector.yawDeg) * RADIANS_A_DEGREE;
  const distortion = radialSip(instrument, pixelMm);
  return {
    crvalDeg: [boresight.raDeg, boresight.decDeg],
    crpix,
    cd: [-scale * Math.cos(angle), scale * Math.sin(angle), scale * Math.sin(angle), scale * Math.cos(angle)],
    ...(distortion && { distortion }),
  };
}

/**
 * Region of a detector, its pixels' outer edges moved out by `paddingPx`: lower right, lower left, upper left, upper
 * right, the order (and the arithmetic) of the regions in Rubin's Butler.
 */
export function detectorPolygon(
  instrument: Instrument,
  detectorNumber: number,
  boresight: Boresight,
  paddingPx: number,
): Polygon {
  const detector = requireDetector(instrument, detectorNumber);
  const [left, right] = [-0.5 - paddingPx, detector.width - 0.5 + paddingPx];
  const [lower, upper] = [-0.5 - paddingPx, detector.height - 0.5 + paddingPx];
  const corners = [
    [right, lower],
    [left, lower],
    [left, upper],
    [right, upper],
  ];
  return corners.map(([x, y]) => pixelToVector(instrument, detector, boresight, x, y));
}

/** Direction that a pixel sees, by the camera's description itself: millimetres, field angle, sky. */
function pixelToVector(
  instrument: Instrument,
  detector: Detector,
  boresight: Boresight,
  x: number,
  y: number,
) {
  const yaw = detector.yawDeg * RADIANS_A_DEGREE;
  const dx = (x - detector.refX) * detector.pixelMm;
  const dy = (y - detector.refY) * detector.pixelMm;
  const xMm = Math.cos(yaw) * dx - Math.sin(yaw) * dy + detector.offsetXmm;
  const yMm = Math.sin(yaw) * dx + Math.cos(yaw) * dy + detector.offsetYmm;
  const r = Math.hypot(xMm, yMm);
  const field = instrument.radialCoefficients.reduceRight((sum, c) => sum * r + c, 0);
  // Radians of field angle a millimetre; at the axis itself the direction does not matter.
  const stretch = r === 0 ? 0 : (instrument.plateScaleArcsecPerMm / ARCSEC_A_RADIAN) * (field / r);
  const rotation = boresight.skyAngleDeg * RADIANS_A_DEGREE;
  const xi = stretch * (-xMm * Math.cos(rotation) + yMm * Math.sin(rotation));
  const eta = stretch * (xMm * Math.sin(rotation) + yMm * Math.cos(rotation));
  return fromPlane(tangentPlane(boresight.raDeg, boresight.decDeg), xi, eta);
}

/** u (c3 r^2 + c5 r^4 + ...) / c1 and likewise v, r in mm and u, v in pixels from the axis, written out as SIP. */
function radialSip({ name, radialCoefficients: c }: Instrument, pixelMm: number): Sip | undefined {
  if (c.some((value, power) => power % 2 === 0 && value !== 0)) {
    throw new RangeError(`The distortion of ${name} has an even power of the radius, which SIP cannot hold.`);
  }
  const order = c.findLastIndex((value) => value !== 0);
  if (order < 3) return undefined;
  const side = order + 1;
  const a = new Array<number>(side * side).fill(0);
  const b = a.slice();
  for (let power = 3; power <= order; power += 2) {
    const half = (power - 1) / 2;
    const factor = (c[power] / c[1]) * pixelMm ** (power - 1);
    for (let j = 0, binomial = 1; j <= half; binomial = (binomial * (half - j)) / (j + 1), j++) {
      const [p, q] = [power - 2 * j, 2 * j];
      a[p * side + q] = factor * binomial;
      b[q * side + p] = factor * binomial;
    }
  }
  return { kind: 'SIP', order, a, b };
}

function requireDetector(instrument: Instrument, number: number): Detector {
  const detector = detectorByNumber(instrument, number);
  if (!detector) throw new RangeError(`${instrument.name} has no detector ${number}.`);
  return detector;
}
