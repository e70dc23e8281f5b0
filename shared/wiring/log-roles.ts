import { type Environment, Fault, type OpenContext, type Variable } from 'openfaas-sdk-ts';
import type { KafkaAddress } from '../drivers/kafka/address.ts';
import { requireVariable } from './wire.ts';

/**
 * Logs by role. `prompt`: our own topics (alert-bundles, butler-writer, the ledger, retry and dead topics).
 * `next-visit`: the summit's events. `s3-events`: the bucket's topic. `public`: alerts for the world.
 */
export type LogRole = 'prompt' | 'next-visit' | 's3-events' | 'public';

interface Names {
  readonly brokers: string;
  readonly username?: string;
  readonly password?: string;
  readonly mechanism?: string;
  readonly protocol?: string;
}

const names: Readonly<Record<LogRole, Names>> = {
  prompt: {
    brokers: 'BUTLER_WRITER_KAFKA_CLUSTER',
    username: 'BUTLER_WRITER_KAFKA_USERNAME',
    password: 'BUTLER_WRITER_KAFKA_PASSWORD',
  },
  'next-visit': {
    brokers: 'KAFKA_CLUSTER',
    username: 'SASL_USERNAME',
    password: 'SASL_PASSWORD',
    mechanism: 'SASL_MECHANISM',
    protocol: 'SECURITY_PROTOCOL',
  },
  's3-events': { brokers: 'KAFKA_CLUSTER' },
  public: {
    brokers: 'AP_KAFKA_SERVER',
    username: 'AP_KAFKA_PRODUCER_USERNAME',
    password: 'AP_KAFKA_PRODUCER_PASSWORD',
  },
};

const meanings: Readonly<Record<LogRole, string>> = {
  prompt: 'Kafka of prompt processing',
  'next-visit': 'Kafka of the summit’s events',
  's3-events': 'Kafka of the bucket’s notifications',
  public: 'Kafka of the public alerts',
};

/** The variables of a role, its address first. */
export function logVariables(role: LogRole): Record<string, Variable> {
  const { brokers, username, password, mechanism, protocol } = names[role];
  return {
    [brokers]: { meaning: `${meanings[role]}: bootstrap servers, host:port, separated by commas.` },
    ...(username && { [username]: { meaning: `User at ${brokers}; absent: no authentication.` } }),
    ...(password && { [password]: { meaning: `Password of ${username}.`, secret: true } }),
    ...(mechanism && {
      [mechanism]: {
        meaning: `How ${username} proves it: ${mechanisms.join(', ')}.`,
        default: 'SCRAM-SHA-512',
      },
    }),
    ...(protocol && {
      [protocol]: {
        meaning: `${protocols.join(', ')}.`,
        default: `SASL_PLAINTEXT where ${username} is set, else PLAINTEXT`,
      },
    }),
  };
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;

/** How a role's cluster is reached. @throws Fault NS_CONFIGURATION for a value that is none of those known. */
export function kafkaAddress(role: LogRole, { environment, functionName }: OpenContext): KafkaAddress {
  const variables = names[role];
  const value = (name: string | undefined) => (name === undefined ? undefined : environment(name));
  const username = value(variables.username);
  const protocol =
    oneOf(protocols, variables.protocol, environment) ?? (username ? 'SASL_PLAINTEXT' : 'PLAINTEXT');
  const mechanism = oneOf(mechanisms, variables.mechanism, environment);
  const isSasl = username !== undefined && protocol.startsWith('SASL');
  return {
    brokers: requireVariable(environment, variables.brokers),
    clientId: functionName,
    ssl: protocol.endsWith('SSL'),
    sasl: isSasl
      ? { mechanism, username, password: requireVariable(environment, variables.password ?? '') }
      : undefined,
  };
}

function oneOf<const Value extends string>(
  known: readonly Value[],
  name: string | undefined,
  environment: Environment,
): Value | undefined {
  const given = name === undefined ? undefined : environment(name);
  if (given === undefined) return undefined;
  const found = known.find((value) => value === given.toUpperCase());
  if (found) return found;
  throw new Fault('NS_CONFIGURATION', `${name} is "${given}", and can be ${known.join(', ')}.`);
}
