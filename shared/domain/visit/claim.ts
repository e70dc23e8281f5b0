/** States of a claim in their one order, and the phase that sets each (design: section "A function"). */
export const claimStates = ['claimed', 'measured', 'gated', 'written', 'announced', 'done'] as const;

/** `withheld`: the gate did not answer within GATE_PENDING_MAX, so nothing of this detector is ever published. */
export type ClaimState = (typeof claimStates)[number] | 'withheld';

/** Names the one bundle that counts. */
export interface Manifest {
  /** Key in the products bucket, `bundles/{visit}/{detector}/{attempt}`. */
  readonly bundle: string;
  /** Lower-case hexadecimal, of the bundle's bytes. */
  readonly sha256: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Who works on (visit, detector), and how far. */
export interface Claim {
  readonly visit: bigint;
  readonly detector: number;
  /** Slot in text form. */
  readonly slot: string;
  /** Raised by each taker; a step of a lower attempt is refused. */
  readonly attempt: number;
  readonly owner: string;
  readonly state: ClaimState;
  /** Unix ms of the last change. */
  readonly changedMs: number;
  /** Attempt whose sealed sources, products or bundle the state rests on (the attempt that set `measured`). */
  readonly measuredAttempt?: number;
  readonly manifest?: Manifest;
}

/** True when a claim in `state` has reached `wanted`. A withheld claim has reached no state that publishes. */
export function hasReached(state: ClaimState, wanted: (typeof claimStates)[number]): boolean {
  if (state === 'withheld') return false;
  return claimStates.indexOf(state) >= claimStates.indexOf(wanted);
}

/** True when nothing more will come of this claim for later visits: its rows are written, or never will be. */
export const isClosed = (state: ClaimState): boolean => state === 'withheld' || hasReached(state, 'written');
