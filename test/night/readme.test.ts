import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { suiteFolder } from '../support/folders.ts';
import { runCommand } from '../support/night.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;

/** Every command in the README: of its blocks, without comments, and between backticks in its prose. */
const commands = [
  ...[...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '')
      .flatMap((line) => line.split(' && ')),
  ),
  ...[...readme.matchAll(/`((?:npm|npx|nightshift) [^`]+)`/g)].map(([, command]) => command!),
];
const verbs = commands.flatMap((command) => /^(?:npx )?nightshift (.+)$/.exec(command)?.[1] ?? []);

describe('every command of the README', () => {
  test('of npm is a script of package.json', () => {
    const named = commands.flatMap((command) => /^npm (?:run )?(\S+)/.exec(command)?.[1] ?? []);
    expect(named).toContain('start');
    expect(named.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([]);
  });

  test('of nightshift has its verb and its options in the help', async () => {
    expect(verbs.length).toBeGreaterThanOrEqual(8);
    for (const command of verbs) {
      const [verb, ...rest] = command.split(/\s+/);
      const path = /^(alert|satellites)$/.test(verb!) ? [verb!, rest[0]!] : [verb!];
      const { code, stdout } = await runCommand([...path, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(`nightshift ${path.join(' ')} `);
      for (const option of rest.filter((word) => word.startsWith('--')))
        expect(stdout).toMatch(new RegExp(`${option}\\b`));
    }
  });
});

describe('the commands that only look, on a night of one detector', () => {
  const folder = suiteFolder();
  const data = join(folder, 'tonight');
  /** Of some alert. */
  let id: string;
  beforeAll(async () => {
    const args = ['--visits', '1', '--detectors', '1', '--seed', '7', '--data', data];
    expect(await runCommand(['night', ...args])).toMatchObject({ code: 0 });
    const out = join(folder, 'packets');
    await runCommand(['consume', '--data', data, '--count', '1', '--out', out]);
    id = readdirSync(out)[0]!.replace('.wire', '');
  }, 100_000);

  const looks = verbs.filter((command) => /^(ledger|consume|alert|config|satellites status)\b/.test(command));

  test.each(looks)('%s', async (command) => {
    const args = command
      .replace('./tonight', data)
      .replace(/\bID\b/, id)
      .split(/\s+/);
    const { code, stdout, stderr } = await runCommand(args, { NIGHTSHIFT_DATA: data });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim()).not.toBe('');
  });
});
