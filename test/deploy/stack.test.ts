import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describeConfiguration, runtimeVariables } from 'openfaas-sdk-ts';
import { declaredTriggers } from 'openfaas-sdk-ts/declared.ts';
import { secretFileName } from 'openfaas-sdk-ts/secrets.ts';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { declaredFunctions, root } from '../../templates/declared-functions.ts';
import { readStack, stackTriggers, substitute } from '../../templates/stack.ts';
import { graceSeconds, watchdogSettings } from '../../templates/watchdog-settings.ts';
import { stackSchema } from './stack-schema.ts';

const validate = new Ajv({ allowUnionTypes: true }).compile(stackSchema);
const stack = readStack();
const functions = await declaredFunctions();
const deployed = functions.filter(({ name }) => name in stack.functions);
const secretsFolder = '/var/openfaas/secrets/';

test('stack.yml has only keys that faas-cli reads', () => {
  validate(stack);
  expect(validate.errors ?? []).toEqual([]);
});

test('a key that faas-cli would drop is refused', () => {
  const typos = [
    'replicas: 2',
    'timeout: 10s',
    'build-args: {}',
    'secrets: [UPPER_CASE]',
    'limits: {mem: 1Gi}',
  ];
  for (const typo of typos) {
    const text = `{version: "1.0", provider: {name: openfaas}, functions: {f: {lang: l, handler: h, image: i, environment: {}, ${typo}}}}`;
    expect(validate(parse(text)), typo).toBe(false);
  }
});

test('every function of the path is deployed, from its own bundle, with a template that exists', () => {
  const path = [
    'enqueue',
    'ingest-batch',
    'requeue-idle',
    'presence',
    'next-visit-fanout',
    'process-detector',
    'sattle-check',
    'satellite-catalog',
    'alert-publish',
    'archive-write',
    'archive-read',
  ];
  expect(Object.keys(stack.functions).sort()).toEqual(path.sort());
  for (const [name, { handler, image }] of Object.entries(stack.functions)) {
    expect([handler, image]).toEqual([`./dist/${name}`, `nightshift/${name}:0.1.0`]);
  }
  // faas-cli looks in `template/` only, a link to `templates/`.
  for (const { lang } of Object.values(stack.functions)) {
    expect(existsSync(join(root, 'template', lang, 'template.yml'))).toBe(true);
  }
});

test('variables of stack.yml are replaced as faas-cli does it', () => {
  expect(substitute(`a \${X:-b} \${X} $X c$`, {})).toBe('a b  $X c$');
  expect(substitute(`\${X:-b}`, { X: 'set' })).toBe('set');
});

describe.each(deployed.map((spec) => ({ name: spec.name, spec })))('$name', ({ name, spec }) => {
  const launch = stack.functions[name];
  const picked = stackTriggers(spec, launch);
  const { variables, roles } = describeConfiguration(spec);
  // What stack.yml says of process-detector is for its jobs (deploy/keda), which have its trigger.
  const read = picked.size > 0 ? picked : new Set(declaredTriggers(spec));
  const inUse = roles.filter(({ use }) => use in spec.ports || [...read].some((trigger) => trigger === use));

  test('scales by one thing', () => {
    const pulls = [...picked].filter((trigger) => trigger !== 'http');
    expect(picked.has('http') && pulls.length > 0, 'HTTP and a pulling trigger in one launch').toBe(false);
    expect(pulls.length).toBeLessThanOrEqual(1);
  });

  test('has the times of of-watchdog that its declaration gives, within the grace period', () => {
    expect(launch.environment).toMatchObject(watchdogSettings(spec, picked));
    const { healthcheck_interval, write_timeout, exec_timeout } = launch.environment;
    const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1]);
    expect(seconds(exec_timeout)).toBeLessThan(seconds(write_timeout));
    expect(seconds(healthcheck_interval)).toBeGreaterThan(0);
    expect(seconds(healthcheck_interval) + seconds(write_timeout)).toBeLessThan(graceSeconds);
  });

  test('is given its required variables and the address of each role, and no variable that it does not know', () => {
    const times = Object.keys(watchdogSettings(spec, picked));
    const known = [...variables, ...runtimeVariables(), ...inUse.flatMap((role) => role.variables)];
    const unknown = Object.keys(launch.environment).filter(
      (key) => !times.includes(key) && !known.some((variable) => variable.name === key),
    );
    expect(unknown).toEqual([]);
    const environment = (variable: string) => launch.environment[variable];
    const missing = variables.filter((each) => each.required && !each.secret && !environment(each.name));
    expect(missing.map((each) => each.name)).toEqual([]);
    const real = inUse.filter(({ wiring, variables: [address] }) => {
      const given = (variable: string) =>
        environment(variable) || (variable === 'NIGHTSHIFT_DATA' ? '/data' : undefined);
      return !address.secret && wiring.choose(given).why.includes('is not set');
    });
    expect(real.map(({ port, role }) => `${port} (${role}) is embedded`)).toEqual([]);
  });

  test('is given exactly the secrets that it reads', () => {
    const secrets = [...variables, ...inUse.flatMap((role) => role.variables)]
      .filter((variable) => variable.secret && /^\w+$/.test(variable.name))
      .map((variable) => secretFileName(variable.name));
    const files = Object.values(launch.environment)
      .filter((value) => String(value).startsWith(secretsFolder))
      .map((value) => value.slice(secretsFolder.length));
    expect([...(launch.secrets ?? [])].sort()).toEqual([...new Set([...secrets, ...files])].sort());
  });

  test('keeps the hands of OpenFaaS off the replicas of what KEDA scales', () => {
    const labels = Object.keys(launch.labels ?? {});
    expect(labels.filter((label) => label.startsWith('com.openfaas.scale.'))).toEqual([]);
  });
});
