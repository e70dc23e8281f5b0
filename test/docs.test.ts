import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from './contracts/differences.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test('docs/delivery.md names every difference between the drivers, and no other', () => {
  const rows = [...read('docs/delivery.md').matchAll(/^\| `([^`]+)` \| ([\w-]+) \| (.+) \| (.+) \|$/gm)];
  expect(rows.map(([, name, port, embedded, real]) => [name, { port, embedded, real }])).toEqual(
    Object.entries(differences),
  );
});

test.each(pages)('every link of %s leads to a file that is there', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
  const missing = links.filter(
    (link) => !/^https?:/.test(link) && !existsSync(join(root, dirname(page), link)),
  );
  expect(missing).toEqual([]);
});

test('docs/interfaces.md has every HTTP route of a function, and no other', () => {
  const declared = readdirSync(join(root, 'functions')).flatMap((name) =>
    [...read(`functions/${name}/handler.ts`).matchAll(/app\.(get|put|post)\(\s*'([^']+)'/g)].map(
      ([, method, route]) => `${name} ${method!.toUpperCase()} ${route}`,
    ),
  );
  const told = [...read('docs/interfaces.md').matchAll(/^\| ([\w-]+) \| `([A-Z]+ [^`]+)` \|/gm)].map(
    ([, name, route]) => `${name} ${route}`,
  );
  expect(told.sort()).toEqual(declared.sort());
});

test('docs/interfaces.md has the columns of the truth tables', () => {
  const page = read('docs/interfaces.md');
  const source = read('cli/simulator/truth.ts').replaceAll(/' \+\s+'/g, '');
  for (const [, columns] of source.matchAll(/_COLUMNS =\s+'([^']+)'/g))
    expect(page).toContain(`\`${columns}\``);
});
