import type { SceneKind } from './recipe.ts';

/** What a kind of scene must show: the bars of the imaging reference, section 8. What is absent is only told. */
export interface Bars {
  /** Least completeness, %, by the injected signal-to-noise. */
  readonly hostless?: Readonly<Record<number, number>>;
  readonly hosted?: Readonly<Record<number, number>>;
  readonly faders?: Readonly<Record<number, number>>;
  /** Most false detections a detector, at 5 sigma and at 5.5. */
  readonly field?: number;
  readonly field55?: number;
  readonly nearBright?: number;
  /** Most detections a saturated star, within 60 px of it. */
  readonly saturated?: number;
  /** Noise of the SNR map. */
  readonly snrMap?: true;
  /** Flux, pulls and centroids of hostless transients, trails and dipoles. */
  readonly measurement?: true;
  /** No detection at all. */
  readonly nothing?: true;
}

const hostless = { 5: 45, 6: 80, 7: 95, 8: 98, 10: 99.5 };
const hosted = { 5: 42, 6: 75, 7: 94, 8: 97, 10: 99 };
const lowerBy = (points: number, bars: Readonly<Record<number, number>>): Record<number, number> =>
  Object.fromEntries(Object.entries(bars).map(([snr, percent]) => [snr, percent - points]));

const base: Bars = {
  hostless,
  hosted,
  faders: { 7: 90, 10: 100, 15: 100, 20: 100, 30: 100 },
  field: 10,
  field55: 2,
  nearBright: 25,
  saturated: 3,
  snrMap: true,
  measurement: true,
};

const seeing = (nearBright: number): Bars => ({
  hostless: lowerBy(5, hostless),
  hosted: lowerBy(5, hosted),
  field: 10,
  nearBright,
  saturated: 3,
  snrMap: true,
});

export const bars: Readonly<Record<SceneKind, Bars>> = {
  base,
  crowded: { field: 10, nearBright: 75, saturated: 3 },
  sparse: { hostless, hosted, field: 10, nearBright: 25, saturated: 3, snrMap: true },
  equal: seeing(10),
  sharp: seeing(25),
  'very-sharp': seeing(25),
  static: { field: 10 },
  identical: { nothing: true },
};

/** Part of a Gaussian's pixels beyond 3 sigma. */
export const BEYOND_3_SIGMA = 0.0027;
