import { parseSlot } from '#shared/domain/ids/slot.ts';
import type { LedgerEntry } from '#shared/domain/ledger/entry.ts';
import { type DetectorAccount, foldLedger } from '#shared/domain/ledger/fold.ts';
import type {
  DetectorDetails,
  GateAnswer,
  Standing,
  Totals,
  VisitAnswer,
  VisitDetails,
  VisitLatency,
} from './answers.ts';
import { standings } from './answers.ts';

/** Ledger entries of one visit by the key of their record, of which the last one counts, and what they come to. */
interface Visit {
  readonly entries: Map<string, LedgerEntry>;
  accounts: readonly DetectorAccount[];
  changed: boolean;
}

/**
 * The ledger as the page needs it, entry by entry: visits are folded anew when something came for them, and the oldest
 * are forgotten but for their totals. An entry of 189 detectors' visits takes about 0.5 MB a visit.
 */
export function visitLedger({ keep = 200 }: { keep?: number } = {}) {
  const visits = new Map<string, Visit>();
  const groupOfVisit = new Map<bigint, string>();
  const forgotten = new Set<string>();
  /** Entries of who sees alerts only, until another entry tells the group of their visit. */
  const homeless = new Map<bigint, Map<string, LedgerEntry>>();
  let past = noTotals;

  function add(key: string, entry: LedgerEntry): void {
    const group = entry.slot ? parseSlot(entry.slot).group : groupOfVisit.get(entry.visit!);
    if (group === undefined) {
      const entries = homeless.get(entry.visit!) ?? new Map<string, LedgerEntry>();
      homeless.set(entry.visit!, entries.set(key, entry));
      return;
    }
    if (forgotten.has(group)) return;
    const visit = visits.get(group) ?? { entries: new Map(), accounts: [], changed: true };
    visits.set(group, visit);
    visit.entries.set(key, entry);
    visit.changed = true;
    if (entry.visit === undefined || groupOfVisit.has(entry.visit)) return;
    groupOfVisit.set(entry.visit, group);
    for (const [other, late] of homeless.get(entry.visit) ?? []) visit.entries.set(other, late);
    homeless.delete(entry.visit);
  }

  /** Folds what changed; to be called when all that is there was added, since a log comes partition by partition. */
  function settle(): void {
    for (const visit of visits.values()) {
      if (!visit.changed) continue;
      visit.accounts = foldLedger(visit.entries.values());
      visit.changed = false;
    }
    const oldest = byTime().slice(0, Math.max(0, visits.size - keep));
    for (const [group, { accounts }] of oldest) {
      past = sum(past, totalsOf(accounts));
      forgotten.add(group);
      visits.delete(group);
    }
  }

  const byTime = () => [...visits].sort(([, a], [, b]) => firstMs(a.accounts) - firstMs(b.accounts));

  return {
    add,
    settle,
    totals: (): Totals =>
      [...visits.values()].reduce((total, { accounts }) => sum(total, totalsOf(accounts)), past),
    /** In the order of the night. */
    visits: (): VisitAnswer[] => byTime().map(([group, { accounts }]) => visitAnswer(group, accounts)),
    /** What the gate owes an answer at a time (Unix ms, process clock). */
    waiting: (nowMs: number): GateAnswer['waiting'] =>
      waitingOf(
        [...visits.values()].flatMap(({ accounts }) => accounts),
        nowMs,
      ),
    /** By group or by visit id. */
    details(place: string): VisitDetails | undefined {
      const group = /^\d{1,19}$/.test(place) ? (groupOfVisit.get(BigInt(place)) ?? place) : place;
      const accounts = visits.get(group)?.accounts;
      return (
        accounts && {
          ...visitAnswer(group, accounts),
          accounts: accounts.map(detectorDetails).sort(byDetector),
        }
      );
    },
  };
}

const byDetector = (a: DetectorDetails, b: DetectorDetails): number => a.detector - b.detector;

const firstMs = (accounts: readonly DetectorAccount[]): number =>
  Math.min(...accounts.flatMap(({ steps }) => Object.values(steps).map(({ timeMs }) => timeMs)));

/** Ledger states between the raw's arrival and the public topic are one to who looks on. */
export function standingOf({ state, alerts }: DetectorAccount): Standing {
  switch (state) {
    case 'wanted':
    case 'arrived':
    case 'expired':
    case 'refused':
    case 'withheld':
      return state;
    case 'published':
    case 'archived':
      // A detector without alerts has nothing to be archived.
      return alerts.archived >= alerts.published ? 'archived' : 'published';
    default:
      return 'working';
  }
}

export function visitAnswer(group: string, accounts: readonly DetectorAccount[]): VisitAnswer {
  const slot = accounts.find((account) => account.slot !== undefined)?.slot;
  const visit = accounts.find((account) => account.visit !== undefined)?.visit;
  const latencySeconds = latencyOf(accounts);
  const numbers = Map.groupBy(accounts, standingOf);
  return {
    group,
    instrument: slot ? parseSlot(slot).instrument : '',
    ...(visit !== undefined && { visit: visit.toString() }),
    wantedMs: firstMs(accounts),
    detectors: Object.fromEntries(
      [...numbers].map(([standing, list]) => [
        standing,
        list.map(({ detector }) => detector).sort((a, b) => a - b),
      ]),
    ),
    published: accounts.reduce((sum, { alerts }) => sum + alerts.published, 0),
    archived: accounts.reduce((sum, { alerts }) => sum + alerts.archived, 0),
    ...(latencySeconds !== undefined && { latencySeconds }),
  };
}

/**
 * Seconds from the last raw to the last acknowledgement; undefined while a detector is at work and where nothing was
 * published. The ledger knows when a raw was ingested, which is a little after the end of its readout.
 */
function latencyOf(accounts: readonly DetectorAccount[]): number | undefined {
  if (accounts.some((account) => ['wanted', 'arrived', 'working'].includes(standingOf(account))))
    return undefined;
  const times = (step: 'arrived' | 'published') => accounts.flatMap(({ steps }) => steps[step]?.timeMs ?? []);
  const [arrived, published] = [times('arrived'), times('published')];
  if (arrived.length === 0 || published.length === 0) return undefined;
  return Math.max(0, Math.max(...published) - Math.max(...arrived)) / 1000;
}

/** In steps, so that a page asks often and is told anew when there is something to see. */
const waitingStepSeconds = 10;

function waitingOf(accounts: readonly DetectorAccount[], nowMs: number): GateAnswer['waiting'] {
  const measured = accounts.filter(({ state }) => state === 'measured');
  const firstMs = Math.min(nowMs, ...measured.map(({ steps }) => steps.measured!.timeMs));
  const stepsPassed = Math.floor((nowMs - firstMs) / 1000 / waitingStepSeconds);
  return { detectors: measured.length, seconds: waitingStepSeconds * stepsPassed };
}

export const latenciesOf = (visits: readonly VisitAnswer[]): VisitLatency[] =>
  visits.flatMap(({ group, visit, latencySeconds }) =>
    latencySeconds === undefined ? [] : [{ group, ...(visit && { visit }), seconds: latencySeconds }],
  );

const detectorDetails = (account: DetectorAccount): DetectorDetails => ({
  detector: account.detector,
  standing: standingOf(account),
  ...(account.cause !== undefined && { cause: account.cause }),
  steps: Object.values(account.steps)
    .sort((a, b) => a.timeMs - b.timeMs)
    .map(({ step, timeMs, attempt, counts, cause }) => ({
      step,
      timeMs,
      attempt,
      counts: counts ?? {},
      ...(cause !== undefined && { cause }),
    })),
});

const noTotals: Totals = {
  visits: 0,
  detectorVisits: 0,
  standing: Object.fromEntries(standings.map((standing) => [standing, 0])) as Record<Standing, number>,
  published: 0,
  archived: 0,
  satellites: 0,
  trails: 0,
};

function totalsOf(accounts: readonly DetectorAccount[]): Totals {
  const standing = { ...noTotals.standing };
  for (const account of accounts) standing[standingOf(account)]++;
  const total = (count: (account: DetectorAccount) => number | undefined): number =>
    accounts.reduce((sum, account) => sum + (count(account) ?? 0), 0);
  return {
    visits: 1,
    detectorVisits: accounts.length,
    standing,
    published: total(({ alerts }) => alerts.published),
    archived: total(({ alerts }) => alerts.archived),
    satellites: total(({ steps }) => steps.gated?.counts?.satellites),
    trails: total(({ steps }) => steps.gated?.counts?.trails),
  };
}

function sum(a: Totals, b: Totals): Totals {
  const standing = { ...a.standing };
  for (const name of standings) standing[name] += b.standing[name];
  return {
    visits: a.visits + b.visits,
    detectorVisits: a.detectorVisits + b.detectorVisits,
    standing,
    published: a.published + b.published,
    archived: a.archived + b.archived,
    satellites: a.satellites + b.satellites,
    trails: a.trails + b.trails,
  };
}
