import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { parse } from 'yaml';
import processDetector from '../../functions/process-detector/handler.ts';
import sattleCheck from '../../functions/sattle-check/handler.ts';
import { expressionsOf, panelsOf } from '../support/gate-dashboard.ts';

// Alerts and dashboard of the satellite gate against the code that counts, and the runbook that tells what to do.
// That Prometheus takes the rules and raises them is in test/services/deploy.

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string; readonly service: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const rules: readonly Rule[] = parse(read('deploy/prometheus/satellite-gate.rules.yaml')).groups.flatMap(
  (group: { rules: readonly Rule[] }) => group.rules,
);
const dashboard = join(root, 'deploy/grafana/satellite-gate.json');
const expressions = [...rules.map(({ expr }) => expr), ...expressionsOf(dashboard)];

const sources = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => read(join(folder, path))),
);
const isLiteral = (text: string): boolean => sources.some((source) => source.includes(`'${text}'`));

/** Names of metrics that stand in PromQL, without what Prometheus adds to a histogram's. */
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\bnightshift_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));

/** Values that selectors compare a label with, each alternative of a pattern. */
const valuesIn = (expr: string): string[] =>
  [...expr.matchAll(/\w+=~?"([^"]+)"/g)].flatMap(([, values]) => values!.split('|'));

test('each metric that an alert or the dashboard asks for is counted somewhere', () => {
  const unknown = new Set(expressions.flatMap(metricsIn).filter((name) => !isLiteral(name)));
  expect([...unknown]).toEqual([]);
});

test('each value that they ask a label for is given to it somewhere', () => {
  const unknown = new Set(expressions.flatMap(valuesIn).filter((value) => !isLiteral(value)));
  expect([...unknown]).toEqual([]);
});

test('each metric of the gate is on the dashboard, and in docs/satellites.md', () => {
  const counted = sources.flatMap((source) =>
    [...source.matchAll(/'(nightshift_(?:satellite|gate|earth)_\w+)'/g)].map(([, name]) => name!),
  );
  expect(counted.length).toBeGreaterThan(10);
  const shown = new Set(expressionsOf(dashboard).flatMap(metricsIn));
  expect([...new Set(counted)].filter((name) => !shown.has(name))).toEqual([]);
  const told = new Set(metricsIn(read('docs/satellites.md')));
  expect([...new Set(counted)].filter((name) => !told.has(name))).toEqual([]);
});

/** Members of a union of texts, as a source declares it. */
const unionIn = (path: string, name: string): string[] => {
  const declared = new RegExp(`type ${name} =\\s+([^;]+);`).exec(read(path))![1]!;
  return [...declared.matchAll(/'(\w+)'/g)].map(([, member]) => member!);
};

test('each reason for which the gate refuses, or its client does, rings an alert and is explained', () => {
  const reasons = [
    ...unionIn('functions/sattle-check/refusal.ts', 'RefusalReason'),
    ...unionIn('shared/domain/satellites/gate-question.ts', 'GateFailure'),
  ];
  expect(reasons.length).toBeGreaterThan(15);
  const ringing = new Set(rules.flatMap(({ expr }) => valuesIn(expr)));
  expect(reasons.filter((reason) => !ringing.has(reason))).toEqual([]);
  const runbook = read('docs/runbook.md');
  expect(reasons.filter((reason) => !runbook.includes(`**${reason}**`))).toEqual([]);
});

test('each alert has its heading in the runbook, and each heading of the gate its alert', () => {
  const [, gate] = read('docs/runbook.md').split(/^## The satellite gate$/m);
  const headings = [...gate!.split(/^## /m)[0]!.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, annotations } of rules)
    expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
});

test('each alert has a severity of the two, and a summary that names what it is about', () => {
  for (const { alert, labels, annotations } of rules) {
    expect(['critical', 'warning']).toContain(labels.severity);
    // Nothing but whether it is there is known of a catalogue that is missing.
    if (alert !== 'SatelliteCatalogueMissing') expect(annotations.summary).toContain('{{ $value');
  }
});

test('each alert has a case in which it is raised, and one in which it is not', () => {
  const { tests } = parse(read('test/services/deploy/satellite-gate-rules.yaml'), { maxAliasCount: -1 });
  const cases = tests.flatMap(
    (one: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }) => one.alert_rule_test,
  );
  const raised = (name: string) =>
    new Set(
      cases
        .filter(({ alertname }: { alertname: string }) => alertname === name)
        .map(({ exp_alerts }: { exp_alerts: object[] }) => exp_alerts.length > 0),
    );
  for (const { alert } of rules) expect([alert, raised(alert)]).toEqual([alert, new Set([true, false])]);
});

it('warns before the limits of the code, and not after them', () => {
  const threshold = (alert: string) =>
    Number(/> (\d+)$/m.exec(rules.find((rule) => rule.alert === alert)!.expr)![1]);
  const { SNAPSHOT_MAX_AGE_HOURS } = sattleCheck.config.parse({});
  expect(threshold('SatelliteCatalogueOld')).toBe(SNAPSHOT_MAX_AGE_HOURS / 3);
  expect(threshold('SatelliteCatalogueNearItsLimit')).toBe(SNAPSHOT_MAX_AGE_HOURS - 4);
  const { GATE_PENDING_MAX } = processDetector.config.parse({ RUBIN_INSTRUMENT: 'LSSTCam' });
  const near = rules.find(({ alert }) => alert === 'SatelliteGateWorkNearWithheld')!;
  expect(Number.parseInt(near.for!, 10) * 3600).toBe(0.75 * GATE_PENDING_MAX);
});

test('the panels of the dashboard lie side by side, with a title and a sentence each', () => {
  const panels = panelsOf(dashboard);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { title, description } of panels) expect([title, description]).not.toContain('');
});
