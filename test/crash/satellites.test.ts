import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elementSets } from '../support/element-sets.ts';
import { runCommand, temporaryFolder } from '../support/night.ts';

/** An hour before now, of public and private element sets. */
function writeSources(folder: string): string[] {
  const epoch = new Date(Date.now() - 3_600_000).toISOString();
  for (const [name, first, count] of [
    ['open', 1, 40],
    ['hidden', 900, 3],
  ] as const)
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(elementSets(first, count, epoch)));
  return ['--source', join(folder, 'open.json'), '--private', join(folder, 'hidden.json')];
}

test('satellites update survives a kill after every effect: readers see a whole catalogue or the one before', async () => {
  using folder = temporaryFolder();
  const update = ['satellites', 'update', ...writeSources(folder.path)];
  const status = async (data: string) => {
    const { stdout } = await runCommand(['satellites', 'status', '--json', '--data', data]);
    return JSON.parse(stdout);
  };
  const record = join(folder.path, 'effects');
  const calm = join(folder.path, 'calm');
  expect(
    await runCommand([...update, '--data', calm], { NIGHTSHIFT_CRASH: `record:${record}` }),
  ).toMatchObject({
    code: 0,
  });
  const effects = readFileSync(record, 'utf8').trim().split('\n');
  // Two parts, the entry, the index.
  expect(effects).toEqual([1, 2, 3, 4].map((n) => `object-store.put#${n}`));

  for (const [index, effect] of effects.entries()) {
    const data = join(folder.path, `killed-${index}`);
    mkdirSync(data);
    const killed = await runCommand([...update, '--data', data], {
      NIGHTSHIFT_CRASH: effect,
      NIGHTSHIFT_DATA: data,
    });
    expect(killed.signal, effect).toBe('SIGKILL');
    const meanwhile = await status(data);
    const isListed = index === effects.length - 1;
    expect(meanwhile.snapshots.length, effect).toBe(isListed ? 1 : 0);
    expect(meanwhile.usable !== undefined, effect).toBe(isListed);
    expect(await runCommand([...update, '--data', data]), effect).toMatchObject({ code: 0 });
    const after = await status(data);
    expect(after.usable?.id, effect).toBe(after.snapshots.at(-1).id);
    expect(
      after.snapshots.every(({ count }: { count: number }) => count === 43),
      effect,
    ).toBe(true);
    // The entry that the dying process did not come to list is listed by the next.
    expect(after.snapshots.length, effect).toBe(index >= effects.length - 2 ? 2 : 1);
  }
});
