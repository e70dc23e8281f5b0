import { expect } from 'vitest';
import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import type { Move } from './pair-field.ts';

const stay: Move = (x, y) => [x, y];

/** How far a source may be from what it must be. */
interface Tolerance {
  /** Pixels. */
  readonly place: number;
  /** Errors of the flux; an aperture of 452 px, the sky's, is three times as sensitive to the sky. */
  readonly flux: number;
  /** Parts of the flux's error, and of the signal-to-noise. */
  readonly noise: number;
  /** Degrees. */
  readonly angle: number;
}

interface Expected {
  readonly move?: Move;
  /** Between the units of the fluxes. */
  readonly factor?: number;
  readonly sign?: 1 | -1;
  /** Where a source must be in both lists. */
  readonly isSeen?: (x: number, y: number) => boolean;
}

/** A source nearer to the threshold of 5 may be lost to rounding. */
export const SURE = 7;

/** Expects the sources of both lists to be the same, but for what `expected` says. */
export function expectTwins(
  before: readonly SourceWithoutStamps[],
  after: readonly SourceWithoutStamps[],
  { move = stay, factor = 1, sign = 1, isSeen = () => true }: Expected,
  tolerance: Tolerance,
): void {
  const partners = before.map((source) => {
    const [x, y] = move(source.x, source.y);
    return { x, y, source, twin: after.find((other) => Math.hypot(other.x - x, other.y - y) < 1) };
  });
  const isSure = (snr: number | null): boolean => (snr ?? 0) > SURE;
  const lost = partners.filter(({ x, y, source, twin }) => !twin && isSure(source.snr) && isSeen(x, y));
  expect(lost.map(({ x, y, source }) => [x, y, source.snr])).toEqual([]);
  const known = new Set(partners.map(({ twin }) => twin));
  const gained = after.filter((twin) => !known.has(twin) && isSure(twin.snr) && isSeen(twin.x, twin.y));
  expect(gained.map(({ x, y, snr }) => [x, y, snr])).toEqual([]);
  for (const { x, y, source, twin } of partners) {
    if (twin !== undefined && isSeen(x, y)) expectTwin(source, twin, { move, factor, sign }, tolerance);
  }
}

/** How well the fit of a line settles where its ends are, pixels. */
const TRAIL_FIT = 0.05;

const of = (value: number | null): number => value ?? Number.NaN;

function expectTwin(
  source: SourceWithoutStamps,
  twin: SourceWithoutStamps,
  { move, factor, sign }: { move: Move; factor: number; sign: 1 | -1 },
  tolerance: Tolerance,
): void {
  const name = `the source at ${source.x}, ${source.y}: `;
  const near = (what: string, is: number, must: number, within: number): void =>
    expect(Math.abs(is - must), `${name}${what} ${is} must be ${must}`).toBeLessThanOrEqual(within);
  const [x, y] = move(source.x, source.y);
  const isTrail = source.trailLengthErr !== null;
  const place = isTrail ? tolerance.place + TRAIL_FIT : tolerance.place;
  near('distance', Math.hypot(twin.x - x, twin.y - y), 0, place);
  near('snr', of(twin.snr), of(source.snr), tolerance.noise * of(source.snr));
  expect([twin.isDipole, twin.trailLength === null], name).toEqual([
    source.isDipole,
    source.trailLength === null,
  ]);
  // Between a dipole's lobes the flux at a point is steep: only its own fit is looked at.
  if (source.isDipole) {
    near('dipole', of(twin.dipoleLength), of(source.dipoleLength), 5 * tolerance.place);
    nearAngle(of(twin.dipoleAngle), turned(move, of(source.dipoleAngle)), 360, tolerance.angle);
    return;
  }
  expect(twin.isNegative, `${name}sign`).toBe(sign === 1 ? source.isNegative : !source.isNegative);
  const flux = of(source.psfFluxErr);
  near('flux', of(twin.psfFlux) / factor, sign * of(source.psfFlux), tolerance.flux * flux);
  near('error', of(twin.psfFluxErr) / factor, flux, tolerance.noise * flux);
  const sky = of(source.apFluxErr);
  near('aperture', of(twin.apFlux) / factor, sign * of(source.apFlux), 3 * tolerance.flux * sky);
  if (isTrail && sign === 1) {
    const length = TRAIL_FIT + tolerance.flux * of(source.trailLengthErr);
    near('trail', of(twin.trailLength), of(source.trailLength), length);
    nearAngle(of(twin.trailAngle), turned(move, of(source.trailAngle)), 180, tolerance.angle);
  }
}

/** A bearing, degrees from y towards x, after a move. */
function turned(move: Move, degrees: number): number {
  const [ox, oy] = move(0, 0);
  const [x, y] = move(Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180));
  return (Math.atan2(x - ox, y - oy) * 180) / Math.PI;
}

function nearAngle(is: number, must: number, turn: number, within: number): void {
  const off = (((is - must) % turn) + turn) % turn;
  expect(Math.min(off, turn - off), `angle ${is} must be ${must}`).toBeLessThanOrEqual(within);
}
