import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bundleHandler, checkBudget } from '../../templates/bundle.ts';
import { budgets } from '../../templates/bundle-budgets.ts';
import { functionNames } from '../../templates/declared-functions.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));
const names = await functionNames();

test('a bundle over its budget, or without one, is refused', () => {
  expect(() => checkBudget({ name: 'presence', bytes: 1000 * (budgets.presence + 1) })).toThrow(
    'its budget is',
  );
  expect(() => checkBudget({ name: 'no-such-function', bytes: 1 })).toThrow('has no size budget');
});

test('every budget is for a function that exists', () => {
  expect(Object.keys(budgets).filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(names)('%s', (name) => {
  test('is one file within its budget, with a linked map, that nothing beside it is needed for', async () => {
    const outfile = join(folder, name, 'index.js');
    const bundle = await bundleHandler(name, `functions/${name}/handler.ts`, outfile);
    checkBudget(bundle);
    // A budget that is far off sees no client slip in.
    expect(bundle.bytes / 1000).toBeGreaterThan(budgets[name] * 0.7);
    const text = readFileSync(outfile, 'utf8');
    expect(text.trimEnd().endsWith('//# sourceMappingURL=index.js.map')).toBe(true);
    const [output] = Object.values(bundle.metafile.outputs).filter(({ imports }) => imports.length > 0);
    const external = output.imports.map(({ path }) => path).filter((path) => !isBuiltin(path));
    // Asked for in a try by a client's debug output, and done without.
    expect(external.filter((path) => path !== 'supports-color')).toEqual([]);
  });
});
