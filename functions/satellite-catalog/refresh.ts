import { randomUUID } from 'node:crypto';
import { mjdOf, type SnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import { refusalOf, type SnapshotRefusal } from '#shared/domain/satellites/snapshot-refusal.ts';
import { isoUtc, type MjdUtc, mjdUtc } from '#shared/domain/time/scales.ts';
import type { DeclaredSource } from '#shared/ports/element-source.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Seal } from '#shared/ports/seal.ts';
import type { BuildWork, BuiltSnapshot } from './build-work.ts';
import { healIndex, listedSnapshots, publish } from './snapshots.ts';

/** Part of its objects that a catalogue may lose from one snapshot to the next. */
const maxShrink = 0.05;

/** A source with the text to take from it; without one it gave nothing yet. */
export interface SourceText {
  readonly declared: Pick<DeclaredSource, 'name' | 'private' | 'required' | 'maxAgeHours'>;
  /** As {@link DeclaredSource.source} gave it. */
  readonly bytes?: Uint8Array;
}

export interface RefreshOptions {
  /** The moment whose catalogue is wanted. */
  readonly asOf: MjdUtc;
  /** A moment that was chosen, of whatever night: its catalogue is not compared with the one before it. */
  readonly chosen: boolean;
  /** Names the texts (see inputsOf): the same ones make no second snapshot of the same. */
  readonly inputs?: string;
  readonly maxAgeHours: number;
  readonly texts: () => Promise<readonly SourceText[]>;
}

export interface RefreshPorts {
  readonly products: ObjectStore;
  readonly seal: Seal;
  readonly build: BuildWork;
}

/** A snapshot's entry, and what it was made of. */
type PublishedEntry = SnapshotEntry & { readonly inputs?: string };

export type Refreshed =
  | { readonly outcome: 'published' | 'unchanged'; readonly entry: SnapshotEntry }
  | { readonly outcome: SnapshotRefusal['reason']; readonly why: string };

/**
 * Merges the sources' texts to a snapshot and publishes it, unless it must be refused or there is one of the same: the
 * core of satellite-catalog's tick and of `nightshift satellites update`.
 */
export async function refresh(options: RefreshOptions, ports: RefreshPorts): Promise<Refreshed> {
  const previous = await previousOf(options, ports.products);
  if (previous && options.inputs !== undefined && isCurrent(previous, options))
    return { outcome: 'unchanged', entry: previous };
  const texts = await options.texts();
  const missing = texts.find(({ declared, bytes }) => declared.required && !bytes);
  if (missing) {
    const why = `The source ${missing.declared.name}, which is required, gave nothing yet.`;
    return { outcome: 'missing_source', why };
  }
  const sources = texts.flatMap(({ declared: { name, private: isPrivate }, bytes }) =>
    bytes ? [{ name, private: isPrivate, bytes }] : [],
  );
  const built = await buildForLast(sources, options.asOf, ports);
  const refusal = judge(built.entry, options.chosen ? undefined : previous, texts, options.maxAgeHours);
  if (refusal) return { outcome: refusal.reason, why: refusal.why };
  if (
    previous?.inputs !== undefined &&
    previous.inputs === options.inputs &&
    !isFresher(built.entry, previous)
  )
    return { outcome: 'unchanged', entry: previous };
  const entry: PublishedEntry = { ...built.entry, inputs: options.inputs };
  await publish({ ...built, entry }, ports);
  return { outcome: 'published', entry };
}

const MILLISECOND = 1 / 86_400_000;

/**
 * A snapshot of other content than those of the same moment is one of a millisecond later: of two, the one that was made
 * last is meant.
 */
async function buildForLast(
  sources: Parameters<BuildWork['build']>[0]['sources'],
  asOf: MjdUtc,
  { products, build }: Pick<RefreshPorts, 'products' | 'build'>,
): Promise<BuiltSnapshot> {
  const built = await build.build({ asOf, sources, nonce: randomUUID() });
  const listed = await listedSnapshots(products);
  const isTaken = listed.some(({ id, asOfUtc }) => asOfUtc === built.entry.asOfUtc && id !== built.entry.id);
  const isThere = listed.some(({ id }) => id === built.entry.id);
  return isTaken && !isThere ? buildForLast(sources, mjdUtc(asOf + MILLISECOND), { products, build }) : built;
}

/** The last snapshot that is not after the moment; one that a dying process did not come to list counts as well. */
async function previousOf(
  { asOf, inputs }: RefreshOptions,
  products: ObjectStore,
): Promise<PublishedEntry | undefined> {
  const last = async (): Promise<PublishedEntry | undefined> =>
    (await listedSnapshots(products)).findLast(({ asOfUtc }) => asOfUtc <= isoUtc(asOf));
  const found = await last();
  if (found?.inputs !== undefined && found.inputs === inputs) return found;
  return (await healIndex(products)) ? last() : found;
}

/**
 * Whether a snapshot of the same texts is still good. At half of the age that is allowed it is tried whether element
 * sets, whose epochs were in its future then, make a fresher one.
 */
const isCurrent = (previous: PublishedEntry, { inputs, asOf, maxAgeHours }: RefreshOptions): boolean =>
  previous.inputs === inputs && 24 * (asOf - mjdOf(previous.asOfUtc)) < maxAgeHours / 2;

const isFresher = (candidate: SnapshotEntry, previous: SnapshotEntry): boolean =>
  candidate.newestEpochUtc > previous.newestEpochUtc;

/** Each required source is held to its own age. */
function judge(
  candidate: SnapshotEntry,
  previous: SnapshotEntry | undefined,
  texts: readonly SourceText[],
  maxAgeHours: number,
): SnapshotRefusal | undefined {
  const rules = { maxAgeHours, maxShrink, requiredSources: [] };
  const required = texts.filter(({ declared }) => declared.required).map(({ declared }) => declared);
  return (
    refusalOf(candidate, previous, rules) ??
    required
      .map((source) =>
        refusalOf(candidate, previous, {
          maxShrink,
          maxAgeHours: source.maxAgeHours,
          requiredSources: [source.name],
        }),
      )
      .find(Boolean)
  );
}
