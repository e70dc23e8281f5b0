import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Closable } from 'openfaas-sdk-ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findInstrument } from '#shared/domain/ids/instruments.ts';
import { sidecarKey } from '#shared/domain/ids/object-key.ts';
import { ledgerTopic, parseLedgerEntry } from '#shared/domain/ledger/entry.ts';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { butler } from '#shared/wiring/butler.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import ingestBatch from '../../../functions/ingest-batch/handler.ts';
import { type EmbeddedWorld, embeddedWorld, interruptible } from '../../support/embedded.ts';
import { fitsOf, putRaw, rawFile } from '../../support/raw-files.ts';

const list = 'QUEUE:raw';
const SimCam = findInstrument('SimCam')!;

/** A world with SimCam registered, and what a test feeds it with and looks at. */
async function world() {
  const world = embeddedWorld();
  const registry = await world.open(butler);
  await registry.register(SimCam);
  return {
    world,
    registry,
    store: await world.open(objectStore('raw')),
    queue: await world.open(workQueue),
    arrivals: await world.open(arrivals),
  };
}
type World = Awaited<ReturnType<typeof world>>;

const push = ({ queue }: World, ...paths: string[]) =>
  queue.push(
    list,
    paths.map((item) => ({ item })),
  );

/** Waits until nothing waits or is in hand any more. */
const drained = ({ queue }: World, name = list) =>
  vi.waitFor(async () => expect(await queue.depth(name)).toMatchObject({ waiting: 0, inHand: 0 }), {
    timeout: 15_000,
    interval: 20,
  });

function rowsOf({ data }: EmbeddedWorld, sql: string): Record<string, unknown>[] {
  const registry = new DatabaseSync(join(data, 'butler/gen3.sqlite3'), { readOnly: true });
  const rows = registry.prepare(sql).all();
  registry.close();
  return rows.map((row) => ({ ...row }));
}

const countOf = (world: EmbeddedWorld, table: string) =>
  rowsOf(world, `SELECT count(*) AS n FROM "${table}"`)[0].n;

async function ledgerOf(world: EmbeddedWorld) {
  const log = await world.open(logReader('prompt'));
  const entries = [];
  for (const { partition, begin } of await log.partitions(ledgerTopic)) {
    for await (const { value } of log.read(ledgerTopic, { partition, from: begin }))
      entries.push(parseLedgerEntry(Buffer.from(value).toString()));
  }
  return entries;
}

describe('ingest-batch', () => {
  test('makes the raws of an exposure known to presence, registry and ledger, and ends them', async () => {
    const here = await world();
    const raws = SimCam.detectors.map(({ number }) => rawFile({ seqNum: 1, detector: number }));
    for (const raw of raws) await putRaw(here.store, raw);
    await push(here, ...raws.map(({ path }) => path));
    await here.world.start(ingestBatch);
    await drained(here);
    expect(await here.queue.deadLetters(list)).toEqual([]);
    const group = raws[0].groupId;
    const uri = await here.arrivals.find({ instrument: 'SimCam', group, snap: 0, detector: 'R22_S11' });
    expect(uri).toBe(`s3://${raws[4].path}`);
    expect(countOf(here.world, 'dataset')).toBe(9);
    expect(countOf(here.world, 'visit_detector_region')).toBe(9);
    const entries = await ledgerOf(here.world);
    expect(entries).toHaveLength(9);
    expect(entries).toContainEqual(
      expect.objectContaining({
        step: 'arrived',
        visit: 2026010100001n,
        detector: 4,
        slot: `SimCam/${encodeURIComponent(group)}/4`,
      }),
    );
  });

  test('reads the header of the file where there is no sidecar, or none that can be read', async () => {
    const here = await world();
    const [without, broken] = [rawFile({ seqNum: 2, detector: 0 }), rawFile({ seqNum: 2, detector: 1 })];
    await putRaw(here.store, without, 'no sidecar');
    await putRaw(here.store, broken, 'no sidecar');
    await here.store.put(sidecarKey(broken.key), Buffer.from('{"INSTRUME": "SimCam", "GROU'));
    await push(here, without.path, broken.path);
    await here.world.start(ingestBatch);
    await drained(here);
    const found = ['R22_S00', 'R22_S01'].map((detector) =>
      here.arrivals.find({ instrument: 'SimCam', group: without.groupId, snap: 0, detector }),
    );
    expect(await Promise.all(found)).toEqual([`s3://${without.path}`, `s3://${broken.path}`]);
    expect(countOf(here.world, 'dataset')).toBe(2);
  });

  test('one bad file of a batch takes none of its neighbours down, and each has its cause', async () => {
    const here = await world();
    const good = [0, 1, 2, 3].map((detector) => rawFile({ seqNum: 3, detector }));
    for (const raw of good) await putRaw(here.store, raw);
    const truncated = rawFile({ seqNum: 3, detector: 4 });
    await here.store.put(truncated.key, fitsOf(truncated).subarray(0, 400));
    const filter = rawFile({ seqNum: 4, detector: 0, header: { FILTER: 'h_sim' } });
    const instrument = rawFile({ seqNum: 5, detector: 0, header: { INSTRUME: 'HSC' } });
    const date = rawFile({ seqNum: 6, detector: 0, header: { 'DATE-BEG': undefined } });
    for (const raw of [filter, instrument, date]) await putRaw(here.store, raw);
    const annex = 'rubinobs-lfa-cp/GenericCamera/101/2022/12/08/GC101_O_20221208_000211.fits';
    const bad = [truncated.path, filter.path, instrument.path, date.path, 'raw/LSSTCam/foo.fits', annex];
    await push(here, good[0].path, ...bad, ...good.slice(1).map(({ path }) => path));
    await here.world.start(ingestBatch);
    await drained(here);
    expect(countOf(here.world, 'dataset')).toBe(4);
    const letters = new Map((await here.queue.deadLetters(list)).map(({ item, ...rest }) => [item, rest]));
    expect([...letters.keys()].sort()).toEqual(bad.sort());
    expect(letters.get(truncated.path)).toMatchObject({
      attempts: 1,
      cause: expect.stringContaining('no END card'),
    });
    expect(letters.get(filter.path)?.cause).toContain('h_sim is no filter of SimCam');
    expect(letters.get(instrument.path)?.cause).toContain('INSTRUME is HSC');
    expect(letters.get(date.path)?.cause).toContain('DATE-BEG');
    expect(letters.get('raw/LSSTCam/foo.fits')?.cause).toContain('3 components');
    expect(letters.get(annex)?.cause).toContain('Large File Annex');
  });

  test('an announced object that is not there is tried again, and set aside after MAX_FAILURES', async () => {
    const here = await world();
    const [late, never] = [rawFile({ seqNum: 7, detector: 0 }), rawFile({ seqNum: 7, detector: 1 })];
    await push(here, late.path, never.path);
    await here.world.start(ingestBatch, { environment: { MAX_FAILURES: '2' } });
    await vi.waitFor(async () => expect((await here.queue.depth(list)).waiting).toBe(2), 5000);
    await putRaw(here.store, late);
    await drained(here);
    expect(countOf(here.world, 'dataset')).toBe(1);
    const [letter, ...others] = await here.queue.deadLetters(list);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ item: never.path, attempts: 2 });
    expect(letter.cause).toMatch(/attempt 2 of 2 failed.*is not in the bucket/);
  });

  test('a repeat changes nothing and ends well', async () => {
    const here = await world();
    const raw = rawFile({ seqNum: 8, detector: 0 });
    await putRaw(here.store, raw);
    await here.world.start(ingestBatch);
    for (let i = 0; i < 3; i++) {
      await push(here, raw.path);
      await drained(here);
    }
    expect(countOf(here.world, 'dataset')).toBe(1);
    expect(await here.queue.deadLetters(list)).toEqual([]);
  });

  test('a calibration without a group is ingested, and presence knows nothing of it', async () => {
    const here = await world();
    const header = {
      GROUPID: undefined,
      CURINDEX: undefined,
      IMGTYPE: 'BIAS',
      RA: undefined,
      DEC: undefined,
    };
    const raw = rawFile({ seqNum: 9, detector: 0, header });
    await putRaw(here.store, raw);
    await push(here, raw.path);
    await here.world.start(ingestBatch);
    await drained(here);
    expect(rowsOf(here.world, 'SELECT "group", observation_type FROM exposure')).toEqual([
      { group: '2026010100009', observation_type: 'bias' },
    ]);
    expect(countOf(here.world, 'visit')).toBe(0);
    expect(await ledgerOf(here.world)).toEqual([]);
  });
});

describe('guiders', () => {
  test('wait for their exposure beyond MAX_FAILURES, and are ingested once it is there', async () => {
    const here = await world();
    await here.registry.register(findInstrument('LSSTCam')!);
    const guider = rawFile({ instrument: 'LSSTCam', seqNum: 1, detector: 189 });
    const science = rawFile({ instrument: 'LSSTCam', seqNum: 1, detector: 94 });
    expect(guider.key).toMatch(/R00_SG0_guider\.fits$/);
    await putRaw(here.store, guider);
    await putRaw(here.store, science);
    await push(here, guider.path);
    const night = () => Date.parse('2026-01-02T03:05:00Z');
    await here.world.start(ingestBatch, { environment: { MAX_FAILURES: '1' }, time: { night } });
    await vi.waitFor(async () => expect((await here.queue.depth(list)).waiting).toBe(1), 5000);
    await push(here, science.path);
    await drained(here);
    expect(await here.queue.deadLetters(list)).toEqual([]);
    expect(
      rowsOf(
        here.world,
        'SELECT name, count(*) AS n FROM dataset JOIN dataset_type t ON t.id = dataset_type_id GROUP BY 1',
      ),
    ).toEqual([
      { name: 'guider_raw', n: 1 },
      { name: 'raw', n: 1 },
    ]);
    const key = { instrument: 'LSSTCam', group: guider.groupId, snap: 0 };
    expect(await here.arrivals.find({ ...key, detector: 'R00_SG0' })).toBeUndefined();
    expect(await here.arrivals.find({ ...key, detector: 'R22_S11' })).toBe(`s3://${science.path}`);
  });

  test('are set aside after MAX_GUIDER_WAIT', async () => {
    const here = await world();
    await here.registry.register(findInstrument('LSSTCam')!);
    const guider = rawFile({ instrument: 'LSSTCam', seqNum: 2, detector: 190 });
    await putRaw(here.store, guider);
    await push(here, guider.path);
    const night = () => Date.parse('2026-01-02T08:05:05Z');
    await here.world.start(ingestBatch, { time: { night } });
    await drained(here);
    const [letter] = await here.queue.deadLetters(list);
    expect(letter.cause).toContain('MAX_GUIDER_WAIT 14400 s');
  });
});

describe('the summit’s webhook', () => {
  /** A summit that answers by `answers`, one a call, the last one for ever; `calls` are the bodies. */
  async function summit(answers: readonly number[]) {
    const calls: { exp_id: string; filenames: string[] }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (text) => (body += text));
      request.on('end', () => {
        const status = answers[Math.min(calls.length, answers.length - 1)];
        calls.push(JSON.parse(body));
        if (status !== 0) response.writeHead(status).end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { calls, uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/update` };
  }

  test('is told once an exposure of a batch, by the names of its files', async () => {
    const here = await world();
    const { calls, uri } = await summit([200]);
    const raws = [
      rawFile({ seqNum: 1, detector: 1 }),
      rawFile({ seqNum: 1, detector: 0 }),
      rawFile({ seqNum: 2, detector: 0 }),
    ];
    for (const raw of raws) await putRaw(here.store, raw);
    await push(here, ...raws.map(({ path }) => path));
    await here.world.start(ingestBatch, { environment: { WEBHOOK_URI: uri } });
    await drained(here);
    await drained(here, 'WEBHOOK:raw');
    expect(calls.sort((a, b) => a.exp_id.localeCompare(b.exp_id))).toEqual([
      {
        exp_id: 'SC_O_20260101_000001',
        filenames: ['SC_O_20260101_000001_R22_S00.fits', 'SC_O_20260101_000001_R22_S01.fits'],
      },
      { exp_id: 'SC_O_20260101_000002', filenames: ['SC_O_20260101_000002_R22_S00.fits'] },
    ]);
  });

  test('that fails or never answers holds no file up, and is told again', async () => {
    const here = await world();
    const { calls, uri } = await summit([500, 0, 200]);
    const raws = [rawFile({ seqNum: 3, detector: 0 }), rawFile({ seqNum: 4, detector: 0 })];
    for (const raw of raws) await putRaw(here.store, raw);
    await push(here, raws[0].path);
    await here.world.start(ingestBatch, { environment: { WEBHOOK_URI: uri } });
    await vi.waitFor(() => expect(calls).toHaveLength(1), 5000);
    await push(here, raws[1].path);
    await drained(here);
    expect(countOf(here.world, 'dataset')).toBe(2);
    await drained(here, 'WEBHOOK:raw');
    expect(calls.filter(({ exp_id }) => exp_id === 'SC_O_20260101_000003').length).toBeGreaterThanOrEqual(2);
    expect(await here.queue.deadLetters('WEBHOOK:raw')).toEqual([]);
  });
});

describe.each(['raw', 'arrivals', 'butler', 'ledger'] as const)('while %s does not answer', (name) => {
  test('the work is held and spends no attempt, and it goes on afterwards', async () => {
    const here = await world();
    const raw = rawFile({ seqNum: 1, detector: 0 });
    await putRaw(here.store, raw);
    await push(here, raw.path);
    const outage = { down: true };
    const { ports } = ingestBatch;
    const cut = { ...ingestBatch, ports: { ...ports, [name]: interruptible<Closable>(ports[name], outage) } };
    const fn = await here.world.start(cut, { environment: { MAX_FAILURES: '1' } });
    await vi.waitFor(() => expect(fn.lines.some(({ outcome }) => outcome === 'hold')).toBe(true), 5000);
    expect(countOf(here.world, 'dataset')).toBe(name === 'ledger' ? 1 : 0);
    outage.down = false;
    await drained(here);
    expect(countOf(here.world, 'dataset')).toBe(1);
    expect(await ledgerOf(here.world)).toHaveLength(1);
    expect(await here.queue.deadLetters(list)).toEqual([]);
  });
});

test('a stop in mid-work gives the file back with its attempt', async () => {
  const here = await world();
  const raw = rawFile({ seqNum: 1, detector: 0 });
  await putRaw(here.store, raw);
  await push(here, raw.path);
  const asked = Promise.withResolvers<void>();
  const slow: typeof ingestBatch.ports.raw = {
    ...ingestBatch.ports.raw,
    async open(context) {
      const store = await ingestBatch.ports.raw.open(context);
      // A bucket that is so slow that only the abort of the request ends it, as clients do: with an AbortError.
      const head: typeof store.head = (_key, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
          asked.resolve();
        });
      return { ...store, head };
    },
  };
  const fn = await here.world.start({ ...ingestBatch, ports: { ...ingestBatch.ports, raw: slow } });
  await asked.promise;
  await fn.stop();
  await vi.waitFor(async () => {
    const units = await here.queue.take(list, { worker: 'next', limit: 1, leaseSeconds: 9, waitSeconds: 1 });
    expect(units).toEqual([{ item: raw.path, attempt: 1 }]);
  }, 5000);
});
