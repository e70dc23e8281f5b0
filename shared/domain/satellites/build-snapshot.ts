import { createHash } from 'node:crypto';
import { isoUtc, type MjdUtc, mjdUtc } from '../time/scales.ts';
import { mergeElements, type SourceElements } from './merge.ts';
import type { SnapshotEntry, SourceEntry } from './snapshot-entry.ts';

/** A snapshot before it is stored: its entry and the two parts, one OMM in JSON a line, ordered by object. */
export interface SnapshotDraft {
  readonly entry: SnapshotEntry;
  readonly publicLines: string;
  /** To be sealed; empty where no element set of a private source was chosen. */
  readonly privateLines: string;
}

/**
 * The catalogue of a moment. The same element sets, moment and nonce give the same bytes and id.
 *
 * @param nonce Text that nobody can guess, new for each snapshot. It enters the id only where there are private
 *   element sets: a plain digest of them would tell anybody with a guess of one whether it is right.
 */
export function buildSnapshot({
  asOf,
  sources,
  nonce,
}: {
  readonly asOf: MjdUtc;
  readonly sources: readonly SourceElements[];
  readonly nonce: string;
}): SnapshotDraft {
  const merged = mergeElements(sources, asOf);
  const [hidden, open] = [merged.filter((each) => each.private), merged.filter((each) => !each.private)];
  const [publicLines, privateLines] = [open, hidden].map((part) =>
    part.map(({ omm }) => `${JSON.stringify(omm)}\n`).join(''),
  );
  const asOfUtc = isoUtc(asOf);
  const digest = createHash('sha256').update(`${asOfUtc}\n${publicLines}`);
  if (hidden.length > 0) digest.update(`${nonce}\n${privateLines}`);
  const id = `${asOfUtc.slice(0, 16).replace(/[-:]/g, '')}-${digest.digest('hex').slice(0, 8)}`;
  const epochs = merged.map(({ epochMjdUtc }) => epochMjdUtc).sort((a, b) => a - b);
  const entry: SnapshotEntry = {
    id,
    key: `satellites/snapshots/${id}.jsonl.gz`,
    asOfUtc,
    count: merged.length,
    oldestEpochUtc: wholeMinute(epochs[0] ?? asOf),
    medianEpochUtc: wholeMinute(epochs[Math.floor(epochs.length / 2)] ?? asOf),
    newestEpochUtc: wholeMinute(newestOf(epochs, asOf) ?? asOf),
    sources: sources.map((source) => sourceEntry(source, asOf)),
    ...(hidden.length > 0 && {
      sealed: { key: `satellites/snapshots/${id}.sealed`, count: hidden.length },
    }),
  };
  return { entry, publicLines, privateLines };
}

function sourceEntry({ name, elements, private: hidden }: SourceElements, asOf: MjdUtc): SourceEntry {
  const count = new Set(elements.map(({ norad }) => norad)).size;
  const newest = newestOf(
    elements.map(({ epochMjdUtc }) => epochMjdUtc).sort((a, b) => a - b),
    asOf,
  );
  return {
    name,
    count,
    ...(newest !== undefined && { newestEpochUtc: wholeMinute(newest) }),
    private: hidden,
  };
}

/** Of sorted epochs the last that is not later than a moment; where all are, for a past night, the first. */
const newestOf = (epochs: readonly MjdUtc[], asOf: MjdUtc): MjdUtc | undefined =>
  epochs.findLast((epoch) => epoch <= asOf) ?? epochs[0];

/** Rounded down, so that no private element set's own epoch is told. */
const wholeMinute = (time: MjdUtc): string => isoUtc(mjdUtc(Math.floor(time * 1440) / 1440));
