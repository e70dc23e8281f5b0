import { resolve } from 'node:path';
import { Command } from 'commander';
import { chooseSnapshot, snapshotOf } from '#shared/domain/satellites/snapshot.ts';
import { mjdOf, type SnapshotEntry } from '#shared/domain/satellites/snapshot-entry.ts';
import { isoUtc, type MjdUtc, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { listedSnapshots } from '../../functions/satellite-catalog/snapshots.ts';
import { defaultData, environmentOf, withPort } from '../open-port.ts';
import { timeOf } from '../supervisor/night-file.ts';
import { ageOf } from './describe-snapshot.ts';
import { maxAgeHours } from './max-age.ts';

/** What the command tells, and prints with --json. */
interface Status {
  readonly nowUtc: string;
  readonly maxAgeHours: number;
  /** What a visit now would be judged by. */
  readonly usable?: { readonly id: string; readonly ageHours: number };
  /** Why there is nothing to judge by. */
  readonly why?: string;
  readonly snapshots: readonly SnapshotEntry[];
}

/** Rows of the table; --json has all of them. */
const mostRows = 20;

export const statusCommand = (): Command =>
  new Command('status')
    .description(
      'Lists the snapshots of the satellite catalogue, and which one a visit now would be judged by.',
    )
    .option('--data <folder>', 'data folder', defaultData)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exit code: 0, or 1 where a visit now would find no catalogue that is fresh enough (SNAPSHOT_MAX_AGE_HOURS, 24).

Examples:
  nightshift satellites status
  nightshift satellites status --data ./nightshift-data --json | jq .usable`,
    )
    .action(async ({ data, json }: { data: string; json?: true }) => {
      const status = await withPort(objectStore('products'), data, (products) => look(products, data));
      if (json) console.log(JSON.stringify(status));
      else print(status);
      if (!status.usable) process.exitCode = 1;
    });

async function look(products: ObjectStore, data: string): Promise<Status> {
  const now = mjdUtcFromUnixMs(timeOf(resolve(data)).night());
  const limit = maxAgeHours(environmentOf(data));
  const snapshots = await listedSnapshots(products);
  const told = { nowUtc: isoUtc(now), maxAgeHours: limit, snapshots };
  const choice = chooseSnapshot(snapshots.map(snapshotOf), now, { maxAgeHours: limit, historical: false });
  if (!choice.snapshot) return { ...told, why: choice.why };
  const { id, key, sealed } = choice.snapshot;
  for (const part of [key, ...(sealed ? [sealed.key] : [])])
    if (!(await products.head(part))) return { ...told, why: `the snapshot ${id} lacks its part ${part}` };
  return { ...told, usable: { id, ageHours: choice.ageHours } };
}

function print({ nowUtc, maxAgeHours: limit, usable, why, snapshots }: Status): void {
  const shown = snapshots.slice(-mostRows);
  if (shown.length > 0) {
    const width = Math.max(...shown.map(({ id }) => id.length));
    console.log(
      `${'snapshot'.padEnd(width)}  catalogue of              objects   sealed  age now      sources`,
    );
    if (shown.length < snapshots.length)
      console.log(`... and ${snapshots.length - shown.length} earlier ones, which --json lists`);
    for (const entry of shown) console.log(row(entry, width, mjdOf(nowUtc)));
  }
  if (usable)
    console.log(
      `A visit now is judged by ${usable.id}, ${usable.ageHours.toFixed(1)} h old (limit ${limit} h).`,
    );
  else console.log(`A visit now gets no answer, and its sources wait: ${why}.`);
}

/** Its age now is that of its newest element set or its own, whichever is older. */
function row(
  { id, asOfUtc, newestEpochUtc, count, sealed, sources }: SnapshotEntry,
  width: number,
  now: MjdUtc,
): string {
  const oldest = newestEpochUtc < asOfUtc ? newestEpochUtc : asOfUtc;
  const from = sources.map(
    ({ name, count: objects, private: isPrivate }) => `${name}${isPrivate ? ' (private)' : ''} ${objects}`,
  );
  return [
    id.padEnd(width),
    asOfUtc.padEnd(24),
    String(count).padStart(8),
    String(sealed?.count ?? 0).padStart(7),
    ageOf(oldest, now).padEnd(12),
    from.join(', '),
  ].join('  ');
}
