import { type Closable, Fault, type Wiring } from 'openfaas-sdk-ts';
import type { EmbeddedOptions } from '../drivers/sqlite/bus.ts';
import { embeddedOptions, embeddedVariables } from './wire.ts';

/** A wiring whose only driver is the embedded one: an address of a real store is refused, never silently ignored. */
export function wireEmbedded<Port extends Closable>(role: {
  readonly port: string;
  readonly role: string;
  /** The variable that names the real store. */
  readonly address: string;
  open(options: EmbeddedOptions): Promise<Port>;
}): Wiring<Port> {
  const { port, address, open } = role;
  const choose: Wiring<Port>['choose'] = (environment) => {
    if (environment(address)) {
      throw new Fault(
        'NS_CONFIGURATION',
        `${address} is set, and ${port} has no driver outside NIGHTSHIFT_DATA yet: unset it.`,
      );
    }
    const { data } = embeddedOptions(environment);
    return { driver: 'sqlite', why: `NIGHTSHIFT_DATA is ${data}` };
  };
  return {
    port,
    role: role.role,
    variables: embeddedVariables,
    choose,
    async open({ environment }) {
      choose(environment);
      return open(embeddedOptions(environment));
    },
  };
}
