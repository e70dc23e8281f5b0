import type { SQLOutputValue } from 'node:sqlite';
import {
  type Claim,
  type ClaimState,
  claimStates,
  hasReached,
  type Manifest,
} from '../../domain/visit/claim.ts';
import type { SourceStore } from '../../ports/source-store.ts';
import type { Database } from './database.ts';

// Each of these runs inside a transaction of the caller.

type Place = Pick<Claim, 'visit' | 'detector'>;

/** Takes a claim: the attempt goes up, unless nothing is left to do. */
export function takeClaim(apdb: Database, request: Parameters<SourceStore['claim']>[0]): Claim {
  apdb
    .prepare(
      `INSERT INTO nightshift_claims (visit, detector, slot, attempt, owner, state, changed)
       VALUES (?, ?, ?, 1, ?, 'claimed', ?)
       ON CONFLICT (visit, detector)
       DO UPDATE SET attempt = attempt + 1, owner = excluded.owner, changed = excluded.changed
       WHERE state NOT IN ('done', 'withheld')`,
    )
    .run(request.visit, request.detector, request.slot, request.owner, request.changedMs);
  return findClaim(apdb, request)!;
}

export function findClaim(apdb: Database, { visit, detector }: Place): Claim | undefined {
  const found = apdb
    .prepareBig('SELECT * FROM nightshift_claims WHERE visit = ? AND detector = ?')
    .get(visit, detector);
  return found && claimOf(found);
}

export const claimsOfVisit = (apdb: Database, visit: bigint): Claim[] =>
  apdb
    .prepareBig('SELECT * FROM nightshift_claims WHERE visit = ? ORDER BY detector')
    .all(visit)
    .map(claimOf);

export const claimsOfSlots = (apdb: Database, slots: readonly string[]): Claim[] =>
  apdb
    .prepareBig(
      `SELECT * FROM nightshift_claims WHERE slot IN (SELECT value FROM json_each(?)) ORDER BY visit, detector`,
    )
    .all(JSON.stringify(slots))
    .map(claimOf);

/**
 * Moves a claim to a state, if the attempt is still the latest and the state lies ahead. Where it does not move,
 * says whether that attempt had been there before ('advanced') or must stop ('fenced').
 */
export function advanceClaim(
  apdb: Database,
  claim: Claim,
  to: ClaimState,
  changedMs: number,
  manifest?: Manifest,
): { readonly moved: boolean; readonly answer: 'advanced' | 'fenced' } {
  const { changes } = apdb
    .prepare(
      `UPDATE nightshift_claims SET state = ?1, changed = ?2, bundle = coalesce(?3, bundle), sha256 = coalesce(?4, sha256),
         counts = coalesce(?5, counts), measured_attempt = iif(?1 = 'measured', attempt, measured_attempt)
       WHERE visit = ?6 AND detector = ?7 AND attempt = ?8 AND state IN (SELECT value FROM json_each(?9))`,
    )
    .run(
      to,
      changedMs,
      manifest?.bundle ?? null,
      manifest?.sha256 ?? null,
      manifest ? JSON.stringify(manifest.counts) : null,
      claim.visit,
      claim.detector,
      claim.attempt,
      JSON.stringify(statesBefore(to)),
    );
  if (changes === 1) return { moved: true, answer: 'advanced' };
  const found = findClaim(apdb, claim);
  const wasThere =
    found?.attempt === claim.attempt &&
    (found.state === to || (to !== 'withheld' && hasReached(found.state, to)));
  return { moved: false, answer: wasThere ? 'advanced' : 'fenced' };
}

/** States from which one can come to `to`. Nothing leads out of withheld, and to it only what is not yet written. */
const statesBefore = (to: ClaimState): ClaimState[] =>
  claimStates.slice(0, claimStates.indexOf(to === 'withheld' ? 'written' : to));

function claimOf(found: Record<string, SQLOutputValue>): Claim {
  const number = (column: string): number => Number(found[column]);
  const text = (column: string): string => String(found[column]);
  return {
    visit: BigInt(text('visit')),
    detector: number('detector'),
    slot: text('slot'),
    attempt: number('attempt'),
    owner: text('owner'),
    state: text('state') as ClaimState,
    changedMs: number('changed'),
    ...(found.measured_attempt !== null && { measuredAttempt: number('measured_attempt') }),
    ...(found.bundle !== null && {
      manifest: { bundle: text('bundle'), sha256: text('sha256'), counts: JSON.parse(text('counts')) },
    }),
  };
}
