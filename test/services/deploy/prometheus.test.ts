import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { testFolder } from '../../support/folders.ts';
import { expressionsOf } from '../../support/gate-dashboard.ts';
import { obtain } from '../../support/services/availability.ts';
import { debianProgram } from '../../support/services/packages.ts';

// Prometheus' own promtool reads the rules and plays made-up series to them.

const root = join(import.meta.dirname, '../../..');
const rules = join(root, 'deploy/prometheus/satellite-gate.rules.yaml');
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
    expect(await tell('test', 'rules', 'test/services/deploy/satellite-gate-rules.yaml')).toContain(
      'SUCCESS',
    );
  });

  it('fail their cases where a rule is changed', async () => {
    const folder = testFolder();
    const cases = readFileSync(join(root, 'test/services/deploy/satellite-gate-rules.yaml'), 'utf8');
    const wrong = readFileSync(rules, 'utf8').replace('_age_hours) > 20', '_age_hours) > 30');
    writeFileSync(join(folder, 'wrong.rules.yaml'), wrong);
    writeFileSync(
      join(folder, 'cases.yaml'),
      cases.replace(/rule_files: .*/, 'rule_files: [wrong.rules.yaml]'),
    );
    await expect(tell('test', 'rules', join(folder, 'cases.yaml'))).rejects.toThrow(
      'SatelliteCatalogueNearItsLimit',
    );
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
