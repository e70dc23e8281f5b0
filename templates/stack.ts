import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyFunction } from 'openfaas-sdk-ts';
import { declaredTriggers } from 'openfaas-sdk-ts/declared.ts';
import { pickTriggers, type TriggerKind } from 'openfaas-sdk-ts/settings.ts';
import { parse } from 'yaml';
import { root } from './declared-functions.ts';

/** One function of stack.yml, as far as we read it. */
export interface StackFunction {
  readonly lang: string;
  readonly image: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly limits?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
}

export interface Stack {
  readonly functions: Readonly<Record<string, StackFunction>>;
}

/** `${NAME:-default}` and `${NAME}` as faas-cli replaces them: from the environment, else the default, else nothing. */
export const substitute = (text: string, variables: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name, otherwise = '') => variables[name] || otherwise);

/** stack.yml, with the defaults of its variables. */
export function readStack(path = join(root, 'stack.yml')): Stack {
  return parse(substitute(readFileSync(path, 'utf8'), {}));
}

/** The triggers of the launch that stack.yml describes. */
export const stackTriggers = (spec: AnyFunction, { environment }: StackFunction): Set<TriggerKind> =>
  pickTriggers(environment.TRIGGERS, declaredTriggers(spec));
