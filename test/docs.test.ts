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
