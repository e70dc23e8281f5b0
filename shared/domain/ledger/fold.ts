import { type LedgerEntry, type Step, steps } from './entry.ts';

/** What the ledger says of one detector of one visit (or of one slot, while no raw has come). */
export interface DetectorAccount {
  readonly detector: number;
  readonly slot?: string;
  readonly visit?: bigint;
  /** The latest entry of each step. */
  readonly steps: Partial<Record<Step, LedgerEntry>>;
  /** Alerts that the manifest, the publisher and the archive count. */
  readonly alerts: { readonly written: number; readonly published: number; readonly archived: number };
  /** How far it is: the last step by the order of the work; a step that ends it early wins. */
  readonly state: Step;
  readonly cause?: string;
}

const endings: readonly Step[] = ['expired', 'refused', 'withheld'];

/**
 * Folds entries in the order of their appearance into accounts, by slot where it is known. Entries that know the
 * visit only (of the archive) are joined to the slot that claimed that visit and detector. Idempotent: an entry that
 * comes again changes nothing.
 */
export function foldLedger(entries: Iterable<LedgerEntry>): DetectorAccount[] {
  const all = [...entries];
  const slotOf = new Map<string, string>();
  for (const entry of all) {
    if (entry.slot && entry.visit !== undefined) slotOf.set(`${entry.visit}/${entry.detector}`, entry.slot);
  }
  const byPlace = new Map<string, LedgerEntry[]>();
  for (const entry of all) {
    const byVisit = `${entry.visit}/${entry.detector}`;
    const place = entry.slot ?? slotOf.get(byVisit) ?? byVisit;
    const list = byPlace.get(place);
    if (list) list.push(entry);
    else byPlace.set(place, [entry]);
  }
  return [...byPlace.values()].map(foldOne);
}

const isLater = (entry: LedgerEntry, before: LedgerEntry): boolean =>
  entry.attempt > before.attempt || (entry.attempt === before.attempt && entry.timeMs > before.timeMs);

function foldOne(entries: readonly LedgerEntry[]): DetectorAccount {
  const latest: Partial<Record<Step, LedgerEntry>> = {};
  const archived = new Set<number>();
  for (const entry of entries) {
    const before = latest[entry.step];
    if (!before || isLater(entry, before)) latest[entry.step] = entry;
    if (entry.step === 'archived') for (const counter of entry.counters ?? []) archived.add(counter);
  }
  const reached = steps.filter(
    (step) => latest[step] && !endings.includes(step) && step !== 'published' && step !== 'archived',
  );
  const ended = endings.find((step) => latest[step] && !latest.written);
  const state =
    ended ?? (latest.archived ? 'archived' : latest.published ? 'published' : reached.at(-1)) ?? 'wanted';
  const slot = entries.find((entry) => entry.slot)?.slot;
  const visit = entries.find((entry) => entry.visit !== undefined)?.visit;
  const cause = latest[state]?.cause;
  return {
    detector: entries[0]!.detector,
    ...(slot !== undefined && { slot }),
    ...(visit !== undefined && { visit }),
    steps: latest,
    alerts: {
      written: latest.written?.counts?.alerts ?? 0,
      published: latest.published?.counts?.alerts ?? 0,
      archived: archived.size,
    },
    state,
    ...(cause !== undefined && { cause }),
  };
}
