import type { DiaForcedSource } from '#shared/domain/alert/row.ts';
import type { Merged } from '#shared/domain/association/merge.ts';

/** Objects with their histories after this detector was added, and the forced photometry on it. */
export interface Association extends Merged {
  /** Set where earlier visits of the same sky were still open after ASSOCIATION_WAIT. */
  readonly outOfOrder: boolean;
  readonly pastForcedSources: readonly DiaForcedSource[];
  readonly forcedSources: readonly DiaForcedSource[];
  readonly processedMjdTai: number;
}
