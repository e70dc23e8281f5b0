import { Command } from 'commander';
import { parseSlot } from '#shared/domain/ids/slot.ts';
import { checkNight } from '#shared/domain/ledger/check.ts';
import { ledgerTopic, parseLedgerEntry } from '#shared/domain/ledger/entry.ts';
import { type DetectorAccount, foldLedger } from '#shared/domain/ledger/fold.ts';
import type { LogReader } from '#shared/ports/log-reader.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { allRecords } from './all-records.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { defaultData, withPort } from './open-port.ts';

interface LedgerOptions {
  readonly data: string;
  readonly check?: boolean;
  readonly topic: string;
}

export const ledgerCommand = (): Command =>
  new Command('ledger')
    .description('Tells what happened to a visit or group, or recounts the night from its sources.')
    .argument('[visit-or-group]', 'visit id or group id; without it, one line a visit')
    .option(
      '--check',
      'count anew from nextVisit, bucket, APDB, topic and archive, and name every difference',
    )
    .option('--topic <topic>', 'public topic', 'lsst-alerts-v11')
    .option('--data <folder>', 'data folder of the night', defaultData)
    .addHelpText(
      'after',
      `
Exit code: 0, or 1 where --check finds a difference.

Examples:
  nightshift ledger
  nightshift ledger 2026030500003
  nightshift ledger --check`,
    )
    .action(async (place: string | undefined, options: LedgerOptions) => {
      if (options.check) return check(options);
      const accounts = await withPort(logReader('prompt'), options.data, readLedger);
      if (place) tell(place, accounts);
      else overview(accounts);
    });

export async function readLedger(log: LogReader): Promise<DetectorAccount[]> {
  const entries = [];
  for await (const { value } of allRecords(log, ledgerTopic)) {
    entries.push(parseLedgerEntry(Buffer.from(value).toString()));
  }
  return foldLedger(entries);
}

async function check({ data, topic }: LedgerOptions): Promise<void> {
  const { counts, differences } = checkNight(await gatherEvidence(data, topic));
  console.log(JSON.stringify(counts));
  for (const difference of differences) console.log(difference);
  if (differences.length > 0) process.exitCode = 1;
  else console.log('The night is whole: no difference between its sources.');
}

const groupOf = ({ slot }: DetectorAccount): string => (slot ? parseSlot(slot).group : '?');

function overview(accounts: readonly DetectorAccount[]): void {
  if (accounts.length === 0) {
    console.log('The ledger is empty: no nextVisit has been fanned out yet.');
    return;
  }
  const visits = [...Map.groupBy(accounts, groupOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  console.log('group                    visit          detectors  archived  alerts  states');
  for (const [group, detectors] of visits) {
    const visit = detectors.find((account) => account.visit !== undefined)?.visit ?? '';
    const states = [...Map.groupBy(detectors, ({ state }) => state)].map(
      ([state, list]) => `${list.length} ${state}`,
    );
    const alerts = detectors.reduce((sum, account) => sum + account.alerts.published, 0);
    const archived = detectors.reduce((sum, account) => sum + account.alerts.archived, 0);
    const columns = [group.padEnd(24), String(visit).padEnd(14), String(detectors.length).padStart(9)];
    console.log(
      [...columns, String(archived).padStart(9), String(alerts).padStart(7), ` ${states.join(', ')}`].join(
        ' ',
      ),
    );
  }
}

function tell(place: string, accounts: readonly DetectorAccount[]): void {
  const chosen = accounts.filter((account) => String(account.visit) === place || groupOf(account) === place);
  if (chosen.length === 0)
    throw new Error(`The ledger knows no visit or group '${place}'; 'nightshift ledger' lists them.`);
  for (const account of chosen.sort((a, b) => a.detector - b.detector)) {
    console.log(
      `detector ${account.detector}, visit ${account.visit ?? 'not known yet'}: ${account.state}${account.cause ? ` (${account.cause})` : ''}`,
    );
    const entries = Object.values(account.steps).sort((a, b) => a.timeMs - b.timeMs);
    for (const { step, timeMs, attempt, counts, cause } of entries) {
      const numbers = Object.entries(counts ?? {}).map(([name, count]) => `${name} ${count}`);
      const more = [attempt > 1 ? `attempt ${attempt}` : '', ...numbers, cause ?? '']
        .filter(Boolean)
        .join(', ');
      console.log(`  ${new Date(timeMs).toISOString()}  ${step.padEnd(10)} ${more}`);
    }
  }
}
