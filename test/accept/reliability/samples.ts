import type { FeatureScene } from '#shared/domain/image/reliability/features.ts';
import { reliabilityFeatures } from '#shared/domain/image/reliability/features.ts';

/** One measured source whose nature is known. */
export interface Sample {
  readonly features: Float64Array;
  readonly real: boolean;
  /** One of the points that completeness is counted of. */
  readonly isPoint: boolean;
  /** SNR that was injected where it is real, else the one measured. */
  readonly snr: number;
  /** What the scene was made to suffer from: the row of the report that it counts in. */
  readonly kind: string;
}

/** Something that changed on purpose; flux above 0 brightened, SNR is NaN where the scene does not say. */
export interface Change {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
  readonly snr: number;
}

type Source = Parameters<typeof reliabilityFeatures>[1];

/** Within this of a change, with its sign, a source is that change, pixels. */
const MATCH = 3;
/** Beyond this of every change a source has nothing to do with any; between the two it teaches nothing. */
const APART = 8;

/**
 * Sources that are certainly real or certainly not, with their features: those on a point that changed and those on
 * `others` (stars that vary or move, trails), which are real too; not those next to one or of its wrong sign.
 */
export function samplesOf(
  scene: FeatureScene,
  sources: readonly Source[],
  points: readonly Change[],
  others: readonly Change[],
  kind: string,
): Sample[] {
  const changes = [...points, ...others];
  return sources.flatMap((source) => {
    const near = changes.filter(({ x, y }) => Math.hypot(x - source.x, y - source.y) < APART);
    const own = near.find(
      ({ x, y, flux }) => Math.hypot(x - source.x, y - source.y) < MATCH && flux < 0 === source.isNegative,
    );
    if (own === undefined && near.length > 0) return [];
    const isPoint = own !== undefined && points.includes(own);
    const snr = isPoint ? own.snr : (source.snr ?? 0);
    return [{ features: reliabilityFeatures(scene, source), real: own !== undefined, isPoint, snr, kind }];
  });
}
