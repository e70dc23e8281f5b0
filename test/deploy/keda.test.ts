import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { launchOf, portOf, settingsSchema } from 'openfaas-sdk-ts/settings.ts';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { declaredFunctions, root } from '../../templates/declared-functions.ts';
import { kedaManifests, manifestText } from '../../templates/keda.ts';
import type { Manifest, Trigger } from '../../templates/keda-trigger.ts';
import { readStack, stackTriggers } from '../../templates/stack.ts';
import { sharedData } from '../support/shared-data.ts';
import { imageEnvironment } from '../templates/image.ts';

const folder = join(root, 'deploy/keda');
const functions = await declaredFunctions();
const stack = readStack();
const generated = kedaManifests(functions, stack);
const manifests = [...generated.values()].flat();

test('deploy/keda is what the declarations and stack.yml give; else run node templates/keda.ts', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  expect(files.sort()).toEqual([...generated.keys()].sort());
  for (const [file, expected] of generated) {
    expect(readFileSync(join(folder, file), 'utf8')).toBe(manifestText(expected));
  }
});

test('every launch that pulls is scaled, and none with HTTP', () => {
  const scaled = manifests
    .filter(({ kind }) => kind !== 'TriggerAuthentication')
    .map(({ metadata }) => metadata.name);
  const pulling = functions.filter((spec) => {
    const deployed = stack.functions[spec.name];
    if (!deployed) return false;
    const picked = stackTriggers(spec, deployed);
    return spec.stream !== undefined || picked.has('topic') || picked.has('queue');
  });
  expect(scaled.sort()).toEqual(pulling.map(({ name }) => name).sort());
});

const triggersOf = ({ spec }: Manifest) => (spec.triggers ?? []) as Trigger[];

test('every authentication that a trigger names exists', () => {
  const named = manifests
    .flatMap(triggersOf)
    .flatMap(({ authenticationRef }) => authenticationRef?.name ?? []);
  const existing = manifests.filter(({ kind }) => kind === 'TriggerAuthentication');
  expect([...new Set(named)].sort()).toEqual(existing.map(({ metadata }) => metadata.name).sort());
});

test('replicas stay in the window of Community Edition', () => {
  for (const { kind, spec } of manifests) {
    if (kind === 'ScaledObject') expect(spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 5 });
  }
});

test('process-detector is a job that starts for one unread entry and ends by itself', () => {
  const job = manifests.find(({ kind }) => kind === 'ScaledJob');
  expect(job?.metadata.name).toBe('process-detector');
  expect(job?.spec).toMatchObject({
    scalingStrategy: { strategy: 'accurate', pendingPodConditions: ['Ready'] },
    rollout: { strategy: 'gradual' },
  });
  const [trigger] = triggersOf(job!);
  expect(trigger).toMatchObject({
    type: 'redis-streams',
    metadata: {
      addressFromEnv: 'REDIS_STREAM_HOST',
      stream: 'instrument:lsstcam',
      consumerGroup: 'lsstcam_consumer_group',
      lagCount: '1',
      activationLagCount: '0',
    },
  });
});

test('a job runs bare, with its stream alone, on the port that its probe asks, although its image is of-watchdog’s', () => {
  const job = JSON.parse(JSON.stringify(manifests.find(({ kind }) => kind === 'ScaledJob')));
  const [container] = job.spec.jobTargetRef.template.spec.containers;
  const given: { name: string; value: string }[] = container.env;
  const environment = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  const settings = settingsSchema.parse({ ...imageEnvironment, ...environment });
  expect(launchOf(settings)).toBe('bare');
  expect(portOf(settings)).toBe(container.readinessProbe.httpGet.port);
  expect(settings.TRIGGERS).toBe('stream');
  expect(settings.IDLE_EXIT_SECONDS).toBeGreaterThan(0);
});

const data = sharedData('manifests');

/** The resource's own schema, made strict: what it does not name is refused, as Kubernetes would only prune it. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key]) => !key.startsWith('x-kubernetes-') && key !== 'format',
  );
  const made = Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'default' ? value : strict(value)]),
  );
  if ((schema as Record<string, unknown>)['x-kubernetes-int-or-string']) {
    const { type: _, ...rest } = made;
    return { ...rest, anyOf: [{ type: 'integer' }, { type: 'string' }] };
  }
  const open = made.type !== 'object' || !made.properties || 'additionalProperties' in made;
  return open ? made : { ...made, additionalProperties: false };
}

describe.skipIf(!data)('with the schemas of KEDA (../shared/data/manifests)', () => {
  const read = (file: string) => readFileSync(join(data ?? '', file), 'utf8');

  function crd(kind: Manifest['kind']) {
    const definition = parse(read(`keda.sh_${kind.toLowerCase()}s.yaml`));
    const version = definition.spec.versions.find((each: { name: string }) => each.name === 'v1alpha1');
    const schema = strict(version.schema.openAPIV3Schema) as { properties: object };
    return new Ajv({ strict: false }).compile({
      ...schema,
      properties: { ...schema.properties, metadata: { type: 'object' } },
    });
  }

  test('every manifest is one that KEDA accepts, and a typo is not', () => {
    for (const kind of ['ScaledObject', 'ScaledJob', 'TriggerAuthentication'] as const) {
      const validate = crd(kind);
      const ours = manifests.filter((manifest) => manifest.kind === kind);
      expect(ours.length).toBeGreaterThan(0);
      for (const manifest of ours) {
        validate(manifest);
        expect([manifest.metadata.name, validate.errors ?? []]).toEqual([manifest.metadata.name, []]);
        expect(validate({ ...manifest, spec: { ...manifest.spec, cooldown: 3 } })).toBe(false);
      }
    }
  });

  test('every key of a trigger’s metadata is one that its scaler reads, with a value that it allows', () => {
    interface Parameter {
      name: string;
      allowedValue?: string[];
      metadataVariableReadable?: boolean;
      envVariableReadable?: boolean;
    }
    const { scalers } = JSON.parse(read('keda-scalers-schema.json')) as {
      scalers: { type: string; parameters: Parameter[] }[];
    };
    const faults = (trigger: Trigger) =>
      Object.entries(trigger.metadata).flatMap(([key, value]) => {
        const parameters = scalers.find(({ type }) => type === trigger.type)?.parameters ?? [];
        const parameter = parameters.find(
          ({ name, metadataVariableReadable, envVariableReadable }) =>
            (metadataVariableReadable && name === key) || (envVariableReadable && `${name}FromEnv` === key),
        );
        if (!parameter) return [`${trigger.type} has no ${key}`];
        const { allowedValue } = parameter;
        return allowedValue && !allowedValue.includes(value) ? [`${key} cannot be ${value}`] : [];
      });
    expect(manifests.flatMap(triggersOf).flatMap(faults)).toEqual([]);
    expect(faults({ type: 'redis-streams', metadata: { lagCont: '1' } })).toHaveLength(1);
  });
});

test('every file is YAML that reads back as it was', () => {
  expect(existsSync(folder)).toBe(true);
  for (const [file, expected] of generated) {
    const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8'));
    expect(documents.map((document) => document.toJS())).toEqual(JSON.parse(JSON.stringify(expected)));
  }
});
