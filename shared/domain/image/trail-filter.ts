/** What the filter looks at, by the names of the alert schema and the footprint's own. */
export interface TrailedSource {
  /** Arcseconds; null or no number where nothing was fitted. */
  readonly trailLength: number | null;
  readonly trail_flag: boolean | null;
  readonly trail_flag_edge: boolean | null;
  readonly pixelFlags_offimage: boolean | null;
  /** Longer than three times the radius of the PSF. */
  readonly suspectLongTrail: boolean;
  /** Diagonal of the footprint's bounding box, arcseconds. */
  readonly footprintDiagonalArcsec: number;
}

export type TrailReason =
  | 'long trail'
  | 'trail off the image'
  | 'long trail at the edge'
  | 'unfitted trail with a long footprint';

/**
 * Drops what moves as fast as the limit against the stars, or whose speed cannot be told, so that no satellite's track
 * is published, in a catalogue or not (DMTN-199: 10 deg/day, 0.41667"/s, 12.5" in 30 s): a trail of at least that
 * length, a trail whose centre is off the image, a long trail that touches the edge, and an unfitted one whose
 * footprint is that long or has no length. A shorter footprint bounds the speed. The original lets what has no length
 * pass where it is not flagged.
 */
export function trailFilter<T extends TrailedSource>(
  sources: readonly T[],
  { exposureSeconds, limitDegPerDay }: { exposureSeconds: number; limitDegPerDay: number },
): { kept: T[]; dropped: { source: T; reason: TrailReason }[] } {
  const limit = ((limitDegPerDay * 3600) / 86400) * exposureSeconds;
  const kept: T[] = [];
  const dropped: { source: T; reason: TrailReason }[] = [];
  for (const source of sources) {
    const reason = trailReason(source, limit);
    if (reason === undefined) kept.push(source);
    else dropped.push({ source, reason });
  }
  return { kept, dropped };
}

function trailReason(source: TrailedSource, limitArcsec: number): TrailReason | undefined {
  const isFitted =
    source.trailLength !== null && !Number.isNaN(source.trailLength) && source.trail_flag !== true;
  if (source.trailLength !== null && source.trailLength >= limitArcsec) return 'long trail';
  if (source.pixelFlags_offimage === true) return 'trail off the image';
  if (source.suspectLongTrail && source.trail_flag_edge === true) return 'long trail at the edge';
  if (!isFitted && !(source.footprintDiagonalArcsec < limitArcsec)) {
    return 'unfitted trail with a long footprint';
  }
  return undefined;
}
