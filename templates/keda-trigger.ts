import type { AnyFunction, Closable, Wiring } from 'openfaas-sdk-ts';
import { secretFileName } from 'openfaas-sdk-ts/secrets.ts';
import type { StackFunction } from './stack.ts';

/** Where OpenFaaS runs functions, and so where KEDA finds their Deployments. */
export const namespace = 'openfaas-fn';

/** Another replica is asked for when more than this waits for each: two batches, so that the next one is always there. */
const batchesAReplica = 2;

export interface Manifest {
  readonly apiVersion: 'keda.sh/v1alpha1';
  readonly kind: 'ScaledObject' | 'ScaledJob' | 'TriggerAuthentication';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Trigger {
  readonly type: 'redis' | 'redis-streams' | 'kafka';
  readonly name?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string };
}

export function topicTrigger(topic: NonNullable<AnyFunction['topic']>, config: Config): Trigger {
  const text = (value: string | ((config: Config) => string)) =>
    typeof value === 'string' ? value : value(config);
  const secured = secretsOf(topic.log).length > 0;
  return {
    type: 'kafka',
    metadata: {
      bootstrapServersFromEnv: addressOf(topic.log),
      consumerGroup: text(topic.group),
      topic: text(topic.name),
      lagThreshold: String(topic.batch * batchesAReplica),
      activationLagThreshold: '0',
      // As the consumer's own: otherwise a group without an offset counts from the wrong end.
      offsetResetPolicy: topic.from ?? 'earliest',
      limitToPartitionsWithLag: 'true',
      version: '3.6.0',
      ...(secured ? { sasl: 'scram_sha512' } : {}),
    },
    ...referenceTo(topic.log),
  };
}

export function queueTriggers(queue: NonNullable<AnyFunction['queue']>, config: Config): Trigger[] {
  const batch = typeof queue.batch === 'number' ? queue.batch : queue.batch(config);
  return queue.names(config).map((listName, i) => ({
    type: 'redis',
    name: `list_${i}`,
    metadata: {
      addressFromEnv: addressOf(queue.queue),
      listName,
      listLength: String(batch * batchesAReplica),
      activationListLength: '0',
    },
    ...referenceTo(queue.queue),
  }));
}

/** Lag counts entries that nobody has read; entries in hand are somebody's already. */
export function streamTrigger(stream: NonNullable<AnyFunction['stream']>, config: Config): Trigger {
  return {
    type: 'redis-streams',
    metadata: {
      addressFromEnv: addressOf(stream.stream),
      stream: stream.name(config),
      consumerGroup: stream.group(config),
      lagCount: '1',
      activationLagCount: '0',
    },
    ...referenceTo(stream.stream),
  };
}

/** What the functions that name their topic, list or stream by the configuration are given. */
export type Config = Record<string, unknown>;

/** The configuration that stack.yml gives a function; a secret that is required stands in by its name. */
export function configOf(spec: AnyFunction, { environment }: StackFunction): Config {
  const entries = Object.entries(spec.config.shape).map(([name, field]) => {
    const given = environment[name] || undefined;
    return [name, given ?? (field.meta()?.secret ? name : undefined)];
  });
  return spec.config.parse(Object.fromEntries(entries));
}

/** The variable whose presence makes a role real is the first that its wiring names. */
const addressOf = (wiring: Wiring<Closable>): string => Object.keys(wiring.variables)[0];

const secretsOf = (wiring: Wiring<Closable>): string[] =>
  Object.entries(wiring.variables).flatMap(([name, { secret }]) => (secret ? [name] : []));

const authenticationName = ({ port, role }: Wiring<Closable>): string => `${port}-${role}`;

const referenceTo = (wiring: Wiring<Closable>): Pick<Trigger, 'authenticationRef'> =>
  secretsOf(wiring).length > 0 ? { authenticationRef: { name: authenticationName(wiring) } } : {};

/** OpenFaaS's secret `x` is Kubernetes' secret `x` with the key `x`; a user's name stands in the function's environment. */
export function authenticationOf(wiring: Wiring<Closable>): Manifest | undefined {
  const passwords = secretsOf(wiring);
  if (passwords.length === 0) return undefined;
  const users = Object.keys(wiring.variables).filter((name) => name.endsWith('_USERNAME'));
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: authenticationName(wiring), namespace },
    spec: {
      secretTargetRef: passwords.map((name) => ({
        parameter: 'password',
        name: secretFileName(name),
        key: secretFileName(name),
      })),
      ...(users.length > 0 ? { env: users.map((name) => ({ parameter: 'username', name })) } : {}),
    },
  };
}
