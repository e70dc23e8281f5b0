import type { Logger } from 'pino';

/** The environment as a function sees it: a value, or undefined; secrets come from files first. */
export type Environment = (name: string) => string | undefined;

/** One environment variable that a wiring reads, for docs/configuration.md and `nightshift config`. */
export interface Variable {
  readonly meaning: string;
  readonly secret?: boolean;
  readonly default?: string;
}

export interface OpenContext {
  readonly environment: Environment;
  readonly log: Logger;
  /** Name of the function that opens it, for client ids and metrics. */
  readonly functionName: string;
}

export interface Closable {
  close(): Promise<void>;
}

/**
 * A port by role: which environment variables it owns, which driver they choose and why, and how it is opened.
 * The presence of an address makes a role real; without one it is embedded only where NIGHTSHIFT_DATA is set.
 */
export interface Wiring<Port extends Closable> {
  readonly port: string;
  readonly role: string;
  readonly variables: Readonly<Record<string, Variable>>;
  /** @throws Fault NS_CONFIGURATION naming the variable, where neither an address nor NIGHTSHIFT_DATA is there. */
  choose(environment: Environment): { driver: string; why: string };
  open(context: OpenContext): Promise<Port>;
}

/** The port that a wiring opens. */
export type PortOf<W> = W extends Wiring<infer Port> ? Port : never;
