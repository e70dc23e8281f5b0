import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { sqliteSourceStore } from '#shared/drivers/sqlite/source-store.ts';
import { sourceStoreContract } from '../../contracts/source-store.ts';
import { suiteFolder, testFolder } from '../../support/folders.ts';
import { ended, firstLine, startProcess } from '../../support/processes.ts';

const data = suiteFolder();
sourceStoreContract('SQLite', () => sqliteSourceStore({ data }));

const fixture = join(import.meta.dirname, '../../fixtures/apdb/columns.tsv');

async function newFile(): Promise<string> {
  const folder = testFolder();
  await (await sqliteSourceStore({ data: folder })).close();
  return folder;
}

describe('apdb.sqlite', () => {
  it('has the tables, columns, types and keys that dax_apdb makes, and its metadata', async () => {
    const database = new DatabaseSync(join(await newFile(), 'apdb.sqlite'));
    const lines = database
      .prepare(
        `SELECT t.name AS "table", c.name AS "column", c.type, c."notnull" AS "notNull", c.pk AS "key"
         FROM sqlite_master t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'nightshift_%' ORDER BY t.name, c.cid`,
      )
      .all()
      .map((row) => Object.values(row).join('\t'));
    const metadata = database.prepare('SELECT name, value FROM metadata').all();
    const wanted = readFileSync(fixture, 'utf8').trimEnd().split('\n').slice(1);
    expect(lines).toEqual(wanted.filter((line) => !line.includes(':')));
    const text = (value: string) => (value.startsWith('{') ? JSON.parse(value) : value);
    expect(metadata.map(({ name, value }) => [name, text(String(value))])).toEqual(
      wanted
        .filter((line) => line.includes(':'))
        .map((line) => [line.split('\t')[1], text(line.split('\t')[2])]),
    );
    database.close();
  });

  it('is opened again with what is in it', async () => {
    const folder = await newFile();
    const store = await sqliteSourceStore({ data: folder });
    const request = { visit: 1n, detector: 0, slot: 'SimCam/g/0', owner: 'a', changedMs: 1 };
    await store.claim(request);
    await store.close();
    const again = await sqliteSourceStore({ data: folder });
    expect(await again.claim(request)).toMatchObject({ attempt: 2 });
    await again.close();
  });

  it.each([
    ['another major schema', "UPDATE metadata SET value = '11.0.0' WHERE name = 'version:schema'", '11.0.0'],
    ['no settings', "DELETE FROM metadata WHERE name = 'config:apdb-sql.json'", 'baseline'],
    [
      'another level of pixels',
      `UPDATE metadata SET value = replace(value, '20', '18') WHERE name = 'config:apdb-sql.json'`,
      '18',
    ],
  ])('is refused with %s, and the refusal names it', async (_, change, named) => {
    const folder = await newFile();
    const database = new DatabaseSync(join(folder, 'apdb.sqlite'));
    database.exec(change);
    database.close();
    await expect(sqliteSourceStore({ data: folder })).rejects.toMatchObject({
      code: 'NS_CONFIGURATION',
      message: expect.stringContaining(named),
    });
  });

  it('reads the history of a region by an index', async () => {
    const database = new DatabaseSync(join(await newFile(), 'apdb.sqlite'));
    const plan = database
      .prepare(
        `EXPLAIN QUERY PLAN SELECT * FROM json_each('[]') range CROSS JOIN "DiaObject" a
         ON a."pixelId" BETWEEN range.value ->> 0 AND range.value ->> 1 WHERE a."validityEndMjdTai" IS NULL`,
      )
      .all();
    expect(plan.map(({ detail }) => detail).join()).toContain('USING INDEX nightshift_current_objects');
    database.close();
  });
});

const worker = join(import.meta.dirname, 'processes/claim-and-write.ts');

/** The attempt whose bundle counts, and the attempts whose rows are there. */
async function whatIsWritten(folder: string, visit: bigint) {
  const store = await sqliteSourceStore({ data: folder });
  const claim = await store.findClaim(visit, 0);
  const sources = await store.sourcesOf(visit, 0);
  await store.close();
  return {
    attempt: Number(claim?.manifest?.bundle.split('/').at(-1)),
    state: claim?.state,
    rows: sources.length,
    attemptsOfRows: [
      ...new Set(sources.map(({ diaSourceId }) => Math.floor(Number(diaSourceId % 10_000n) / 100))),
    ],
  };
}

describe('several processes on apdb.sqlite', () => {
  it('leave the rows of the attempt that the manifest names, whoever was faster', async () => {
    const folder = await newFile();
    for (let visit = 1n; visit <= 3n; visit++) {
      const workers = Array.from({ length: 4 }, () => startProcess(worker, [folder, String(visit)]));
      const answers = await Promise.all(workers.map(firstLine));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      const { attempt, ...left } = await whatIsWritten(folder, visit);
      expect(left).toEqual({ state: 'written', rows: 20, attemptsOfRows: [attempt] });
    }
  });

  it('go on after one that was killed: before its write it left no row, after its write all of them', async () => {
    const folder = await newFile();
    const killedAfter = (effect: string) =>
      ended(startProcess(worker, [folder, '7'], { NIGHTSHIFT_CRASH: effect }));
    expect(await killedAfter('source-store.claim#1')).toBe('SIGKILL');
    expect(await whatIsWritten(folder, 7n)).toMatchObject({ state: 'claimed', rows: 0 });
    expect(await killedAfter('source-store.write#1')).toBe('SIGKILL');
    expect(await whatIsWritten(folder, 7n)).toMatchObject({ attempt: 2, rows: 20, attemptsOfRows: [2] });
    expect(await firstLine(startProcess(worker, [folder, '7']))).toBe('resumed');
    expect(await whatIsWritten(folder, 7n)).toMatchObject({ attempt: 2, rows: 20, attemptsOfRows: [2] });
  });
});
