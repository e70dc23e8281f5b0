import type { Closable, Environment, Variable, Wiring } from 'openfaas-sdk-ts';
import { requireVariable } from './wire.ts';

/** A wiring of a service that is reached by HTTP in both worlds: `nightshift start` names its own gateway. */
export function wireService<Port extends Closable>(service: {
  readonly port: string;
  readonly role: string;
  /** The variable with its base URL. */
  readonly variable: string;
  readonly meaning: string;
  /** Others that it reads where they are set. */
  readonly more?: Readonly<Record<string, Variable>>;
  open(url: string, environment: Environment): Promise<Port>;
}): Wiring<Port> {
  const { port, role, variable, meaning, more } = service;
  const variables: Readonly<Record<string, Variable>> = { [variable]: { meaning }, ...more };
  return {
    port,
    role,
    variables,
    choose(environment) {
      requireVariable(environment, variable);
      return { driver: 'http', why: `${variable} is set` };
    },
    open: ({ environment }) => service.open(requireVariable(environment, variable), environment),
  };
}
