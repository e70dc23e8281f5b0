import type { Closable, Variable, Wiring } from 'openfaas-sdk-ts';
import { requireVariable } from './wire.ts';

/** A wiring of a service that is reached by HTTP in both worlds: `nightshift start` names its own gateway. */
export function wireService<Port extends Closable>(service: {
  readonly port: string;
  readonly role: string;
  /** Its one variable, the base URL. */
  readonly variable: string;
  readonly meaning: string;
  open(url: string): Promise<Port>;
}): Wiring<Port> {
  const { port, role, variable, meaning } = service;
  const variables: Readonly<Record<string, Variable>> = { [variable]: { meaning } };
  return {
    port,
    role,
    variables,
    choose(environment) {
      requireVariable(environment, variable);
      return { driver: 'http', why: `${variable} is set` };
    },
    open: ({ environment }) => service.open(requireVariable(environment, variable)),
  };
}
