import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { satellitesCommand } from '../../../cli/satellites.ts';
import { testServer } from '../../drivers/http/server.ts';
import { elementSets } from '../../support/element-sets.ts';
import { filesHolding } from '../../support/find-numbers.ts';
import { testFolder } from '../../support/folders.ts';
import { sharedData } from '../../support/shared-data.ts';
import { spaceTrackServer, spaceTrackUser } from '../../support/space-track-server.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  for (const name of ['SATELLITE_SOURCES_FILE', 'SNAPSHOT_MAX_AGE_HOURS', 'S3_ENDPOINT_URL'])
    vi.stubEnv(name, undefined);
  const before = process.exitCode;
  onTestFinished(() => {
    process.exitCode = before;
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
});

/** Runs `nightshift satellites ...` in this process; what it printed, on either stream. */
async function run(...args: string[]): Promise<string> {
  lines.length = 0;
  const command = await satellitesCommand(args[0]);
  await command.parseAsync(args, { from: 'user' });
  return lines.join('\n');
}

interface Status {
  usable?: { id: string; ageHours: number };
  why?: string;
  snapshots: { id: string; asOfUtc: string; count: number; sealed?: { count: number } }[];
}
const status = async (data: string): Promise<Status> =>
  JSON.parse(await run('status', '--json', '--data', data));

/** A file with so many element sets that are so many hours old. */
function elementsFile(
  folder: string,
  name: string,
  sets: [first: number, count: number],
  hoursOld = 2,
): string {
  const epoch = new Date(Date.now() - hoursOld * 3_600_000).toISOString();
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(elementSets(...sets, epoch)));
  return file;
}

const catalogue = sharedData('satellites', 'catalog-2022-08.tle');

describe.skipIf(!catalogue)('with the real catalogue (../shared/data/satellites)', () => {
  const part = () => {
    const file = join(testFolder(), 'catalog-2022-08.tle');
    writeFileSync(
      file,
      readFileSync(catalogue ?? '', 'utf8')
        .split('\n')
        .slice(0, 4000)
        .join('\n'),
    );
    return file;
  };

  test('a snapshot of a past night is made, and only for that night is it fresh', async () => {
    const data = join(testFolder(), 'new');
    const said = await run('update', '--source', part(), '--as-of', '2022-08-10', '--data', data);
    expect(said).toMatch(/^catalog-2022-08: 2000 element sets\n/);
    expect(said).toMatch(
      /snapshot 20220810T0000-[0-9a-f]{8}: the catalogue of 2022-08-10T00:00:00\.000Z\n {2}\d{4} objects\n/,
    );
    expect(said).toMatch(
      /epochs: oldest \S+ \([\d.]+ h old\), median 2022-08-09\S+ \([\d.]+ h old\), newest 2022-08-09/,
    );
    const { usable, why, snapshots } = await status(data);
    expect(snapshots).toMatchObject([{ asOfUtc: '2022-08-10T00:00:00.000Z' }]);
    expect([usable, process.exitCode]).toEqual([undefined, 1]);
    expect(why).toMatch(
      /^the satellite catalogue nearest to the visit is \d+\.\d h away, more than the 24 h allowed$/,
    );
  });

  test('of now nothing is made of it, in a sentence that says what to do', async () => {
    const data = testFolder();
    await expect(run('update', '--source', part(), '--data', data)).rejects.toThrow(
      /^No snapshot is made: The catalogue has no element set within 24 h of .* h away\. For the catalogue of a past night give its date with --as-of\.$/,
    );
    expect((await status(data)).snapshots).toEqual([]);
  });
});

test('files, folders, URLs and private ones are merged; the status says what a visit now gets', async () => {
  const [data, place, folder] = [testFolder(), testFolder(), testFolder()];
  const epoch = new Date(Date.now() - 3_600_000).toISOString();
  const server = await testServer((response) => response.end(JSON.stringify(elementSets(100, 50, epoch))));
  const file = elementsFile(place, 'GP data.json', [1, 30]);
  elementsFile(folder, 'nightjar.json', [271_828, 7]);
  const said = await run(
    'update',
    '--source',
    file,
    '--source',
    server.url,
    '--private',
    folder,
    '--data',
    data,
  );
  expect(said).toMatch(/\n {2}87 objects, of which 7 sealed\n/);
  expect(said).toMatch(
    /source gp-data: 30 objects.*\n.*source 127-0-0-1: 50 objects.*\n.*source private \(private\): 7 objects/,
  );
  const { usable, snapshots } = await status(data);
  expect(snapshots).toMatchObject([{ count: 87, sealed: { count: 7 } }]);
  expect(usable).toMatchObject({ id: snapshots[0]!.id, ageHours: expect.closeTo(1, 1) });
  expect(process.exitCode).toBeUndefined();
  const table = await run('status', '--data', data);
  expect(table).toMatch(/ 87 +7 +1\.\d h old +gp-data 30, 127-0-0-1 50, private \(private\) 7\n/);
  expect(table).toMatch(/\nA visit now is judged by \S+, 1\.\d h old \(limit 24 h\)\.$/);
  expect(`${said}${table}${JSON.stringify(snapshots)}`).not.toMatch(/27182\d|nightjar/i);
  expect(filesHolding(data, [271_828, 271_828n, 271_834])).toEqual([]);

  rmSync(join(data, 'objects/products/satellites/snapshots', `${usable!.id}.sealed`));
  expect((await status(data)).why).toBe(
    `the snapshot ${usable!.id} lacks its part satellites/snapshots/${usable!.id}.sealed`,
  );
});

test('how far a slow download is, is told', async () => {
  const epoch = new Date(Date.now() - 3_600_000).toISOString();
  const text = JSON.stringify(elementSets(1, 60, epoch));
  const server = await testServer((response) => {
    response.write(text.slice(0, 10_000));
    setTimeout(() => response.write(text.slice(10_000, 12_000)), 1200);
    setTimeout(() => response.end(text.slice(12_000)), 1400);
  });
  const said = await run('update', '--source', server.url, '--data', testFolder());
  expect(said).toMatch(/^127-0-0-1: 0\.0 MB \.\.\.\n/);
});

test('a catalogue that lost too much is refused, and made where its date is given', async () => {
  const [data, place] = [testFolder(), testFolder()];
  await run('update', '--source', elementsFile(place, 'a.json', [1, 100]), '--data', data);
  const smaller = elementsFile(place, 'b.json', [1, 94]);
  await expect(run('update', '--source', smaller, '--data', data)).rejects.toThrow(
    /94 objects, more than 5 % fewer than the 100 before\. Where that is meant, give the date with --as-of/,
  );
  await run('update', '--source', smaller, '--as-of', new Date().toISOString(), '--data', data);
  expect((await status(data)).snapshots.map(({ count }) => count)).toEqual([100, 94]);
});

test('of two snapshots of one moment the one made last counts, and the same one is made once', async () => {
  const [data, place] = [testFolder(), testFolder()];
  const asOf = new Date(Date.now() - 60_000).toISOString();
  const made = async (name: string, count: number) => {
    await run('update', '--source', elementsFile(place, name, [1, count]), '--as-of', asOf, '--data', data);
    const { usable, snapshots } = await status(data);
    return snapshots.find(({ id }) => id === usable?.id)?.count;
  };
  const first = elementsFile(place, 'a.json', [1, 30]);
  for (let n = 0; n < 2; n++) await run('update', '--source', first, '--as-of', asOf, '--data', data);
  expect((await status(data)).snapshots).toHaveLength(1);
  for (const count of [20, 40, 10]) expect(await made('b.json', count)).toBe(count);
  expect((await status(data)).snapshots).toHaveLength(4);
});

test('what is wrong is said in a sentence', async () => {
  const [data, place] = [testFolder(), testFolder()];
  const half = elementsFile(place, 'half.json', [1, 50]);
  writeFileSync(half, readFileSync(half, 'utf8').slice(0, -30));
  const wrong: [args: string[], sentence: RegExp][] = [
    [[], /^SATELLITE_SOURCES_FILE is missing/],
    [['--source', join(place, 'none.tle')], /^There is no file or folder .*none\.tle: give a path/],
    [['--source', testFolder()], /has no file with element sets\.$/],
    [
      ['--source', half],
      /^What the source half gave is no catalogue\. It holds no element set\..*not whole JSON/,
    ],
    [['--source', 'http://127.0.0.1:1/'], /127-0-0-1 at http:\/\/127\.0\.0\.1:1 does not answer/],
    [['--private', 'http://elements.example/x'], /url: https, since what comes from there is private\.$/],
  ];
  for (const [args, sentence] of wrong)
    await expect(run('update', ...args, '--data', data), args.join(' ')).rejects.toThrow(sentence);
  expect((await status(data)).snapshots).toEqual([]);
});

test('declared sources are asked as the function asks them, and Space-Track by date for its history', async () => {
  const [data, place] = [testFolder(), testFolder()];
  const epoch = new Date(Date.now() - 3_600_000).toISOString();
  const server = await spaceTrackServer(JSON.stringify(elementSets(1, 40, epoch)));
  const file = join(place, 'sources.yaml');
  writeFileSync(
    file,
    `sources:\n  - { name: st, kind: space-track, url: "${server.url}", required: true }\n`,
  );
  vi.stubEnv('SATELLITE_SOURCES_FILE', file);
  await expect(run('update', '--data', data)).rejects.toThrow(/^SPACETRACK_USER is missing/);
  vi.stubEnv('SPACETRACK_USER', spaceTrackUser.user);
  vi.stubEnv('SPACETRACK_PASSWORD', spaceTrackUser.password);
  await run('update', '--data', data);
  const again = await run('update', '--data', data);
  expect(again).toMatch(/^st: asked not before \S+ again, taken as it was kept\n/);
  const queries = () => server.received.flatMap(({ url }) => /class\/(\w+)\//.exec(url)?.[1] ?? []);
  expect(queries()).toEqual(['gp']);

  expect(again).toMatch(/\nNothing is newer than the snapshot \S+ of \S+\.$/);

  server.catalogue = JSON.stringify(elementSets(1, 20, '2026-03-05T01:00:00'));
  await run('update', '--as-of', '2026-03-05T02:00:00', '--data', data);
  expect(queries()).toEqual(['gp', 'gp_history']);
  expect((await status(data)).snapshots.map(({ count }) => count)).toEqual([20, 40]);

  const record = join(data, 'objects/products/satellites/sources/st.json');
  const kept = JSON.parse(readFileSync(record, 'utf8'));
  writeFileSync(record, JSON.stringify({ ...kept, requestsMs: Array(28).fill(Date.now()) }));
  await expect(run('update', '--as-of', '2026-03-05T02:10:00', '--data', data)).rejects.toThrow(
    /^The source st allows 30 requests in 60 s, and these were made: try again later\.$/,
  );
});
