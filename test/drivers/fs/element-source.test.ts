import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mjdUtc, parseIso } from '#shared/domain/time/scales.ts';
import { fileElementSource, folderElementSource } from '#shared/drivers/fs/element-source.ts';
import { elementSourceContract } from '../../contracts/element-source.ts';
import { testFolder } from '../../support/folders.ts';

let seconds = 1_700_000_000;
function writeAt(path: string, text: string, modified = seconds++): void {
  writeFileSync(path, text);
  utimesSync(path, modified, modified);
}

elementSourceContract('a file', async () => {
  const file = join(testFolder(), 'elements.tle');
  return {
    open: async () => fileElementSource({ name: 'tested', file }),
    give: async (text) => writeAt(file, text),
    remove: async () => rmSync(file),
    isConditional: true,
    canBeEmpty: false,
  };
});

elementSourceContract('a folder', async () => {
  const folder = testFolder();
  return {
    open: async () => folderElementSource({ name: 'tested', folder, settledMs: 10_000 }),
    give: async (text) => writeAt(join(folder, `${seconds}.json`), text),
    remove: async () => rmSync(folder, { recursive: true }),
    isConditional: true,
    canBeEmpty: true,
  };
});

describe('a folder', () => {
  const textOf = async (folder: string, settledMs = 10_000) => {
    const fetched = await folderElementSource({ name: 'f', folder, settledMs }).fetch({});
    return fetched.kind === 'new' ? Buffer.from(fetched.bytes).toString() : fetched.kind;
  };

  test('gives its newest file by modification time, whatever the names', async () => {
    const folder = testFolder();
    writeAt(join(folder, 'a'), 'newest', 1_700_000_300);
    writeAt(join(folder, 'z'), 'older', 1_700_000_200);
    expect(await textOf(folder)).toBe('newest');
  });

  test('gives for a past date the file that was written nearest to it', async () => {
    const folder = testFolder();
    const nights = ['2026-03-01', '2026-03-04', '2026-03-09'];
    for (const night of nights) writeAt(join(folder, night), night, Date.parse(night) / 1000);
    const source = folderElementSource({ name: 'f', folder, settledMs: 0 });
    const near = async (date: string) => {
      const fetched = await source.fetch({ near: mjdUtc(parseIso(date)) });
      return fetched.kind === 'new' && Buffer.from(fetched.bytes).toString();
    };
    expect(await near('2026-02-01')).toBe(nights[0]);
    expect(await near('2026-03-02T11:00:00')).toBe(nights[0]);
    expect(await near('2026-03-02T13:00:00')).toBe(nights[1]);
    expect(await near('2026-04-01')).toBe(nights[2]);
  });

  test('leaves alone hidden files, folders and what is being written', async () => {
    const folder = testFolder();
    writeAt(join(folder, '.elements.part'), 'hidden', 1_700_000_300);
    mkdirSync(join(folder, 'old'));
    expect(await textOf(folder)).toBe('nothing');
    writeAt(join(folder, 'whole'), 'whole', 1_700_000_100);
    writeAt(join(folder, 'fresh'), 'half', Date.now() / 1000);
    expect(await textOf(folder)).toBe('whole');
    expect(await textOf(folder, 0)).toBe('half');
  });
});

test('a folder for a file, and a file for a folder, are told apart', async () => {
  const folder = testFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  await expect(fileElementSource({ name: 'f', file: folder }).fetch({})).rejects.toThrow(
    'is a folder, not a file',
  );
  await expect(folderElementSource({ name: 'f', folder: file, settledMs: 0 }).fetch({})).rejects.toThrow(
    `The source f cannot be read: the folder ${file} is not there`,
  );
});
