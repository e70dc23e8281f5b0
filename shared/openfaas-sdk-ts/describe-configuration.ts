import { type ConfigurationVariable, variablesOf } from './configuration.ts';
import { declaredTriggers, wiringsOf } from './declared.ts';
import type { AnyFunction } from './define-function.ts';
import { settingsSchema, type TriggerKind } from './settings.ts';
import type { Closable, Wiring } from './wiring.ts';

/** Everything that configures a function: what `nightshift config` prints and docs/configuration.md is made of. */
export interface ConfigurationDescription {
  readonly name: string;
  readonly summary: string;
  readonly triggers: readonly TriggerKind[];
  /** The function's own variables. */
  readonly variables: readonly ConfigurationVariable[];
  /** Each port and role with its variables; `wiring.choose` says which driver an environment gives, and why. */
  readonly roles: readonly {
    readonly port: string;
    readonly role: string;
    readonly use: string;
    readonly variables: readonly ConfigurationVariable[];
    readonly wiring: Wiring<Closable>;
  }[];
}

/** Variables that the runtime reads, the same for every function. */
export const runtimeVariables = (): ConfigurationVariable[] => variablesOf(settingsSchema);

export function describeConfiguration(spec: AnyFunction): ConfigurationDescription {
  const triggers = declaredTriggers(spec);
  const roles = wiringsOf(spec, new Set(triggers)).map(({ use, wiring }) => ({
    port: wiring.port,
    role: wiring.role,
    use,
    variables: Object.entries(wiring.variables).map(([name, variable]) => ({
      name,
      meaning: variable.meaning,
      required: false,
      secret: variable.secret === true,
      ...(variable.default === undefined ? {} : { default: variable.default }),
    })),
    wiring,
  }));
  return { name: spec.name, summary: spec.summary, triggers, variables: variablesOf(spec.config), roles };
}
