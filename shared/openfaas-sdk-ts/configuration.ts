import type { Logger } from 'pino';
import { z } from 'zod';
import type { UsedWiring } from './declared.ts';
import { Fault } from './faults.ts';
import { type Secrets, secretFileName } from './secrets.ts';
import type { Environment } from './wiring.ts';

/** A variable of the environment, from its file first. An empty value counts as none, as Kubernetes writes it. */
export function environmentOf(
  variables: Readonly<Record<string, string | undefined>>,
  secrets: Secrets,
): Environment {
  return (name) => secrets.read(name) || variables[name] || undefined;
}

/** What the schema says of one variable; `required` where the schema accepts no absence. */
export interface ConfigurationVariable {
  readonly name: string;
  readonly meaning: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly default?: string;
}

const inWords = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** The variables of a zod object: meaning from `.describe()` or `.meta({ description })`, secrets from `.meta({ secret: true })`. */
export function variablesOf(schema: z.ZodObject): ConfigurationVariable[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.shape).map(([name, field]) => {
    const facts = properties[name] as { description?: string; secret?: boolean };
    const absent = z.safeParse(field, undefined);
    return {
      name,
      meaning: facts.description ?? '',
      required: !absent.success,
      secret: facts.secret === true,
      ...(absent.success && absent.data !== undefined ? { default: inWords(absent.data) } : {}),
    };
  });
}

/** Keeps the values of all variables that are declared secret out of the logs, wherever they come from. */
export function concealSecrets(
  schema: z.ZodObject,
  wirings: readonly UsedWiring[],
  environment: Environment,
  secrets: Secrets,
): void {
  const declared = wirings.flatMap(({ wiring }) =>
    Object.entries(wiring.variables).flatMap(([name, variable]) => (variable.secret ? [name] : [])),
  );
  const own = variablesOf(schema).flatMap(({ name, secret }) => (secret ? [name] : []));
  for (const name of [...declared, ...own]) secrets.conceal(environment(name) ?? '');
}

function sentenceOf(issue: z.core.$ZodIssue, schema: z.ZodObject, environment: Environment): string {
  const name = String(issue.path[0] ?? '');
  const variable = variablesOf(schema).find((each) => each.name === name);
  if (!variable) return `${issue.message}.`;
  const meaning = variable.meaning ? ` (${variable.meaning.replace(/\.$/, '')})` : '';
  const given = environment(name);
  if (given === undefined) {
    const place = variable.secret ? `put it into the secret file ${secretFileName(name)}` : 'set it';
    return `${name}${meaning} is missing: ${place}.`;
  }
  return `${name}${meaning} cannot be ${variable.secret ? 'what its secret says' : `'${given}'`}: ${issue.message}.`;
}

/**
 * Parses the configuration once; the answer's properties stay live: one whose secret file changes answers the new
 * value, unless the new one is refused by the schema, which is logged and changes nothing.
 * @throws Fault NS_CONFIGURATION with a sentence for every variable that is missing or wrong.
 */
export function liveConfiguration<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  log: () => Logger,
): z.infer<Schema> {
  const names = Object.keys(schema.shape);
  const texts = Object.fromEntries(names.map((name) => [name, environment(name)]));
  const parsed = schema.safeParse(texts);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => sentenceOf(issue, schema, environment));
    throw new Fault('NS_CONFIGURATION', sentences.join(' '));
  }
  const values: Record<string, unknown> = parsed.data;
  const current = (name: string): unknown => {
    const text = environment(name);
    if (text !== texts[name]) {
      texts[name] = text;
      const changed = z.safeParse(schema.shape[name], text);
      if (changed.success) values[name] = changed.data;
      else log().error(`The changed secret ${name} is refused, the one before stays: it cannot be used.`);
    }
    return values[name];
  };
  const live = Object.defineProperties(
    {},
    Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => current(name) }])),
  );
  return live as z.infer<Schema>;
}
