import type { Closable } from 'openfaas-sdk-ts';
import type { DiaForcedSource, DiaObject, DiaSource } from '../domain/alert/row.ts';
import type { Vector } from '../domain/sky/vector.ts';
import type { Claim, ClaimState, Manifest } from '../domain/visit/claim.ts';

/**
 * Source-store: the alert-production database (APDB) with its claims.
 *
 * - The claim row of (visit, detector) says who works and how far. `claim` raises the attempt number and keeps the
 *   state; from then on every step of an older attempt is refused (`fenced`), because each state change compares the
 *   attempt in the same statement. A claim in state `done` or `withheld` is answered as it is, with no new attempt.
 * - `advance` moves one claim forward; a claim that is already at or past that state, by the same attempt, is `advanced`.
 * - `write` stores rows and manifest and sets `written`, all or nothing as far as the store can: repeated with the same
 *   ids it leaves the same rows (upsert by id).
 * - `history` answers what lies in the region, objects with their sources and forced sources since a date; the caller
 *   filters exactly. Nothing with a timeWithdrawnMjdTai is in it.
 */
export interface SourceStore extends Closable {
  claim(request: {
    visit: bigint;
    detector: number;
    slot: string;
    owner: string;
    changedMs: number;
  }): Promise<Claim>;
  findClaim(visit: bigint, detector: number): Promise<Claim | undefined>;
  /** Claims of these slots, for the order of association and the ledger's check. */
  claimsOfSlots(slots: readonly string[]): Promise<Claim[]>;
  claimsOfVisit(visit: bigint): Promise<Claim[]>;
  advance(claim: Claim, to: ClaimState, changedMs: number): Promise<'advanced' | 'fenced'>;
  write(claim: Claim, rows: SourceRows, manifest: Manifest, changedMs: number): Promise<'written' | 'fenced'>;
  /** `polygon`: convex, vertices as unit vectors counter-clockwise. */
  history(polygon: readonly Vector[], sinceMjdTai: number): Promise<SourceRows>;
  sourcesOf(visit: bigint, detector: number): Promise<DiaSource[]>;
  /** One object with all its sources, for `alert show` and the console; undefined where there is none. */
  object(diaObjectId: bigint): Promise<(SourceRows & { object: DiaObject }) | undefined>;
}

export interface SourceRows {
  readonly objects: readonly DiaObject[];
  readonly sources: readonly DiaSource[];
  readonly forcedSources: readonly DiaForcedSource[];
}
