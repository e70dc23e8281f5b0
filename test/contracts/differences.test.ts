import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from './differences.ts';

const folder = join(import.meta.dirname, '..');
const tests = ['contracts', 'drivers', 'services/drivers'].flatMap((room) =>
  readdirSync(join(folder, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, room, path), 'utf8')),
);

test.each(Object.keys(differences))('a test asserts the difference %s', (name) => {
  expect(tests.filter((text) => text.includes(`[${name}]`))).not.toHaveLength(0);
});

test('a title names no difference that is not in the list', () => {
  const named = tests.flatMap((text) =>
    [...text.matchAll(/test\('[^']*\[([a-z-]+)\]'/g)].map(([, name]) => name),
  );
  expect(named).not.toHaveLength(0);
  for (const name of named) expect(Object.keys(differences)).toContain(name);
});
