import { jsonText } from '../json/text.ts';

/** The ledger's topic, in the `prompt` role, compacted by key. */
export const ledgerTopic = 'nightshift-ledger';

/**
 * What can be said of a detector's work, in the order in which it happens, and by whom:
 * wanted (next-visit-fanout), arrived (ingest-batch), claimed ... done, expired, refused, withheld (process-detector),
 * published (alert-publish), archived (archive-write).
 */
export const steps = [
  'wanted',
  'arrived',
  'claimed',
  'measured',
  'gated',
  'written',
  'announced',
  'done',
  'expired',
  'refused',
  'withheld',
  'published',
  'archived',
] as const;

export type Step = (typeof steps)[number];

/** One line of the ledger. Repeated after a kill it says the same again, and the fold drops it. */
export interface LedgerEntry {
  readonly step: Step;
  readonly detector: number;
  /** Slot in text form; unknown to who sees alerts only. */
  readonly slot?: string;
  /** Visit (exposure) id, from the raw's key on. */
  readonly visit?: bigint;
  readonly attempt: number;
  /** Unix ms, process clock. */
  readonly timeMs: number;
  readonly counts?: Readonly<Record<string, number>>;
  /** Counters of the diaSourceIds that the step is about, where a detector's alerts may come in several parts. */
  readonly counters?: readonly number[];
  readonly cause?: string;
}

const place = (entry: LedgerEntry): string => entry.slot ?? `${entry.visit}/${entry.detector}`;

/** The entry as a record of the log: its key is `{slot}/{step}`, with the first counter behind it where it has counters. */
export function ledgerRecord(entry: LedgerEntry): { key: string; value: string } {
  const part = entry.counters?.length ? `/${entry.counters[0]}` : '';
  return { key: `${place(entry)}/${entry.step}${part}`, value: jsonText(entry) };
}

/** Reads an entry. @throws SyntaxError or RangeError where it is none. */
export function parseLedgerEntry(text: string): LedgerEntry {
  const entry = JSON.parse(text) as Omit<LedgerEntry, 'visit'> & { visit?: string };
  if (!steps.includes(entry.step) || !Number.isInteger(entry.detector)) {
    throw new RangeError(`Not a ledger entry: ${text.slice(0, 200)}`);
  }
  const { visit, ...rest } = entry;
  return visit === undefined ? rest : { ...rest, visit: BigInt(visit) };
}
