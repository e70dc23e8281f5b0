import {
  type Closable,
  type Environment,
  Fault,
  type OpenContext,
  type Variable,
  type Wiring,
} from 'openfaas-sdk-ts';
import type { EmbeddedOptions } from '../drivers/sqlite/bus.ts';

/** One port by one role, with its two worlds. */
interface Role<Port extends Closable> {
  readonly port: string;
  readonly role: string;
  /** What the real driver reads; the first is the address whose presence makes the role real. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Name of the variable that makes the role real in this environment. Absent: the first one, where it is set. */
  readonly addressIn?: (environment: Environment) => string | undefined;
  readonly real: { readonly driver: string; open(context: OpenContext): Promise<Port> };
  readonly embedded: {
    readonly driver: string;
    open(options: EmbeddedOptions, context: OpenContext): Promise<Port>;
  };
}

export const embeddedVariables = {
  NIGHTSHIFT_DATA: { meaning: 'Folder of the embedded drivers: SQLite files and objects.' },
  NIGHTSHIFT_FSYNC: {
    meaning: '1: the embedded drivers survive power loss too, at one fsync a commit.',
    default: '0',
  },
} as const satisfies Record<string, Variable>;

/** A wiring that is real where its address is set, and embedded where only NIGHTSHIFT_DATA is. */
export function wire<Port extends Closable>(role: Role<Port>): Wiring<Port> {
  const [address] = Object.keys(role.variables);
  const addressIn = role.addressIn ?? ((environment) => (environment(address) ? address : undefined));
  const choose = (environment: Environment) => {
    const found = addressIn(environment);
    if (found) return { driver: role.real.driver, why: `${found} is set` };
    const data = environment('NIGHTSHIFT_DATA');
    if (data) {
      const why = `${address} is not set, and NIGHTSHIFT_DATA is ${data}`;
      return { driver: role.embedded.driver, why };
    }
    throw new Fault(
      'NS_CONFIGURATION',
      `${address} is missing, which ${role.port} (${role.role}) needs: set it to use ${role.real.driver}, ` +
        'or set NIGHTSHIFT_DATA to a folder for the embedded driver.',
    );
  };
  return {
    port: role.port,
    role: role.role,
    variables: { ...role.variables, ...embeddedVariables },
    choose,
    async open(context) {
      const { environment } = context;
      return choose(environment).driver === role.real.driver
        ? role.real.open(context)
        : role.embedded.open(embeddedOptions(environment), context);
    },
  };
}

export const embeddedOptions = (environment: Environment): EmbeddedOptions => ({
  data: requireVariable(environment, 'NIGHTSHIFT_DATA'),
  fsync: environment('NIGHTSHIFT_FSYNC') === '1',
});

/** @throws Fault NS_CONFIGURATION where it is not set. */
export function requireVariable(environment: Environment, name: string): string {
  const value = environment(name);
  if (value) return value;
  throw new Fault('NS_CONFIGURATION', `${name} is missing: set it, or put it into its secret file.`);
}
