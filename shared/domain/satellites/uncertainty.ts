import { RADIANS_A_DEGREE } from '../sky/vector.ts';

/** How far across its path a satellite may be from where its element set has it: one standard deviation. */
export interface Uncertainty {
  /** At the epoch of the elements, km. */
  readonly crossTrackKm: number;
  /** What each day between the epoch and the exposure, on either side, adds to it, km. */
  readonly crossTrackKmPerDay: number;
}

/** A guess: docs/satellites.md holds it to 1.3 million pairs of successive element sets. */
export const defaultUncertainty: Uncertainty = { crossTrackKm: 0.1, crossTrackKmPerDay: 0.05 };

const ARCSEC = RADIANS_A_DEGREE / 3600;
/** Sattle's 0.01 degrees: the least half-width of a corridor in which no source may be published. */
export const leastHalfWidth = 36 * ARCSEC;
/**
 * Reached at 500 km by elements 0.9 days old, at 1,000 km after 4 days: beyond it a satellite is more often far ahead of
 * its elements, or behind, than beside their path, and a wider corridor costs sources only.
 */
export const greatestHalfWidth = 180 * ARCSEC;
/** How many standard deviations a corridor covers on either side. */
const deviations = 3;

/**
 * Radians on either side of a path in which no source may be published: 3 cross-track deviations at this range (km),
 * and the observer's own displacement where the Earth's orientation is not well known (km).
 */
export function halfWidth(
  { crossTrackKm, crossTrackKmPerDay }: Uncertainty,
  ageDays: number,
  rangeKm: number,
  observerErrorKm: number,
): number {
  const acrossKm = deviations * (crossTrackKm + crossTrackKmPerDay * ageDays) + observerErrorKm;
  return Math.min(greatestHalfWidth, Math.max(leastHalfWidth, acrossKm / rangeKm));
}

/** Seconds before and after the exposure, for fresh elements: the clock and the shutter's travel. */
const leastPadding = 2;
const paddingPerDay = 1;
/**
 * That of elements a month old, the oldest that Space-Track is asked for. The catalogue of August 2022, with elements up to
 * five years old, so removes 0.5 % of the sources off the paths of its fresh ones; without a bound it removes 2.6 %.
 */
const greatestPadding = 32;

/** Seconds before and after the exposure in which a path counts: a satellite runs ahead of its elements, or behind. */
export const paddingSeconds = (ageDays: number): number =>
  Math.min(greatestPadding, leastPadding + paddingPerDay * ageDays);
