import { angleArcsec, toVector } from '#shared/domain/sky/vector.ts';

/** One simulated thing on one detector of one visit, as truth/sources.csv tells it. */
export interface Truth {
  readonly visit: string;
  readonly detector: number;
  readonly kind: string;
  readonly ra: number;
  readonly dec: number;
  readonly x: number;
  readonly y: number;
  /** nJy; of what changes, the difference to the template. */
  readonly flux: number;
  readonly snr: number;
  readonly saturated: boolean;
  /** Of a streak: its two ends on the detector. */
  readonly ends?: readonly [
    { readonly x: number; readonly y: number },
    { readonly x: number; readonly y: number },
  ];
}

export interface PublishedSource {
  readonly visit: string;
  readonly detector: number;
  readonly ra: number;
  readonly dec: number;
  readonly x: number;
  readonly y: number;
  readonly psfFlux: number;
}

export interface Score {
  readonly injected: number;
  readonly recovered: number;
  readonly falseAlerts: number;
  readonly satellitesCrossing: number;
  readonly satellitesPublished: number;
  readonly uncataloguedTrailsPublished: number;
}

const changing = new Set(['supernova', 'variable', 'asteroid']);
/** Distances of the issue that demands the night: recovered within 1", false beyond 1.5" of anything. */
const recoveredArcsec = 1;
const falseArcsec = 1.5;
/** An alert on a streak: this near its line. The widest streak of the simulator has a core of some 5 px. */
const streakPixels = 6;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Scores what was published against the truth, detector by detector. */
export function scoreNight(
  truth: readonly Truth[],
  published: readonly PublishedSource[],
  sizeOf: (detector: number) => Size,
): Score {
  const place = ({ visit, detector }: { visit: string; detector: number }) => `${visit}/${detector}`;
  const alertsAt = Map.groupBy(published, place);
  const truthAt = Map.groupBy(truth, place);
  const total = {
    injected: 0,
    recovered: 0,
    falseAlerts: 0,
    satellitesCrossing: 0,
    satellitesPublished: 0,
    uncataloguedTrailsPublished: 0,
  };
  for (const [key, simulated] of truthAt) {
    const alerts = alertsAt.get(key) ?? [];
    const wanted = injected(simulated, sizeOf(simulated[0]!.detector));
    total.injected += wanted.length;
    total.recovered += wanted.filter((one) => alerts.some((alert) => isRecovery(alert, one))).length;
    total.falseAlerts += alerts.filter((alert) => !simulated.some((one) => explains(one, alert))).length;
    const satellites = simulated.filter(({ kind }) => kind === 'satellite');
    const trails = simulated.filter(({ kind }) => kind === 'uncatalogued');
    total.satellitesCrossing += satellites.length;
    total.satellitesPublished += alerts.filter((alert) => showsStreak(alert, satellites, simulated)).length;
    total.uncataloguedTrailsPublished += alerts.filter((alert) =>
      showsStreak(alert, trails, simulated),
    ).length;
  }
  return total;
}

/** Transients of SNR 10 or more, 20 px from the edges and 60 px from saturated stars. */
function injected(simulated: readonly Truth[], { width, height }: Size): Truth[] {
  const saturated = simulated.filter((one) => one.saturated);
  return simulated.filter(
    ({ kind, snr, x, y }) =>
      changing.has(kind) &&
      Math.abs(snr) >= 10 &&
      Math.min(x, y, width - 1 - x, height - 1 - y) >= 20 &&
      !saturated.some((star) => Math.hypot(star.x - x, star.y - y) < 60),
  );
}

const apart = (a: { ra: number; dec: number }, b: { ra: number; dec: number }): number =>
  angleArcsec(toVector(a.ra, a.dec), toVector(b.ra, b.dec));

const isRecovery = (alert: PublishedSource, one: Truth): boolean =>
  apart(alert, one) <= recoveredArcsec && Math.sign(alert.psfFlux) === Math.sign(one.flux);

/** Whether a simulated thing of any kind lies within 1.5" of an alert (of a streak: its line). */
function explains(one: Truth, alert: PublishedSource): boolean {
  return one.ends ? lineDistance(alert, one.ends) <= streakPixels : apart(alert, one) <= falseArcsec;
}

/** An alert that lies on a streak and is not a recovered transient that happens to lie under it. */
const showsStreak = (
  alert: PublishedSource,
  streaks: readonly Truth[],
  simulated: readonly Truth[],
): boolean =>
  streaks.some(({ ends }) => ends && lineDistance(alert, ends) <= streakPixels) &&
  !simulated.some((one) => changing.has(one.kind) && isRecovery(alert, one));

/** Pixels from a point to a segment. */
function lineDistance(point: { x: number; y: number }, [a, b]: NonNullable<Truth['ends']>): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const along = ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - a.x - t * dx, point.y - a.y - t * dy);
}
