import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationPage } from '../../templates/configuration-page.ts';
import { declaredFunctions, root } from '../../templates/declared-functions.ts';

test('docs/configuration.md is what the declarations give; else run node templates/configuration-page.ts', async () => {
  const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
  expect(page).toBe(configurationPage(await declaredFunctions()));
});

test('every variable of every function has a meaning', async () => {
  const page = configurationPage(await declaredFunctions());
  const without = page.split('\n').filter((line) => /^\| `.*\|\s*\|$/.test(line));
  expect(without).toEqual([]);
});
