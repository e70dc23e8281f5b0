import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { testFolder } from '../../support/folders.ts';
import { expressionsOf } from '../../support/gate-dashboard.ts';
import { obtain } from '../../support/services/availability.ts';
import { debianProgram } from '../../support/services/packages.ts';

// Prometheus' own promtool reads the rules and plays made-up series to them.

const root = join(import.meta.dirname, '../../..');
const rules = join(root, 'deploy/prometheus/satellite-gate.rules.yaml');
const cases = join(root, 'test/services/deploy/satellite-gate-rules.yaml');
const promtool = await obtain(() => debianProgram('promtool', ['prometheus']));

/** What promtool says; its findings are the error's text. */
async function tell(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool!, args, { cwd: root });
  return stdout;
}

describe.skipIf(!promtool)('the alerts of the satellite gate', () => {
  it('are rules that Prometheus takes', async () => {
    expect(await tell('check', 'rules', '--lint=all', '--lint-fatal', rules)).toMatch(/\d+ rules found/);
  });

  it('are raised when they should be, and not otherwise', async () => {
    expect(await tell('test', 'rules', cases)).toContain('SUCCESS');
  });

  it('fail their cases where a rule is changed', async () => {
    const folder = testFolder();
    const { tests, ...rest } = parse(readFileSync(cases, 'utf8'), { maxAliasCount: -1 });
    const one = tests.filter(({ name }: { name: string }) => name === 'and nears its limit');
    expect(one).toHaveLength(1);
    const wrong = readFileSync(rules, 'utf8').replace('_age_hours) > 20', '_age_hours) > 30');
    writeFileSync(join(folder, 'wrong.rules.yaml'), wrong);
    const file = join(folder, 'cases.yaml');
    writeFileSync(file, stringify({ ...rest, rule_files: ['wrong.rules.yaml'], tests: one }));
    await expect(tell('test', 'rules', file)).rejects.toThrow('SatelliteCatalogueNearItsLimit');
  });

  it('and the dashboard beside them asks what Prometheus can answer', async () => {
    const file = join(testFolder(), 'dashboard.rules.yaml');
    const recorded = expressionsOf(join(root, 'deploy/grafana/satellite-gate.json')).map((expr, n) => ({
      record: `panel:${n}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h'),
    }));
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
    expect(await tell('check', 'rules', file)).toContain(`${recorded.length} rules found`);
  });
});
