import type { AlertHeader } from '#shared/domain/alert/header.ts';
import type { LedgerEntry } from '#shared/domain/ledger/entry.ts';

/** Counter of a diaSourceId: its lowest 19 bits. */
const counterOf = (id: bigint): number => Number(BigInt.asUintN(19, id));

/** What the ledger is told of alerts that are in the archive now: one entry a visit and detector. */
export function archivedEntries(headers: readonly AlertHeader[], timeMs: number): LedgerEntry[] {
  const groups = Map.groupBy(headers, ({ visit, detector }) => `${visit}/${detector}`);
  return [...groups.values()].map((group) => ({
    step: 'archived',
    visit: group[0]!.visit,
    detector: group[0]!.detector,
    attempt: 1,
    timeMs,
    counters: group.map(({ diaSourceId }) => counterOf(diaSourceId)).sort((a, b) => a - b),
  }));
}
