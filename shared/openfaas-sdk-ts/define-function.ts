import type { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Outcome } from './outcome.ts';
import type {
  LeaseSource,
  QueueSource,
  QueueUnit,
  StreamSource,
  StreamUnit,
  TopicRecord,
  TopicSink,
  TopicSource,
} from './sources.ts';
import type { Closable, PortOf, Wiring } from './wiring.ts';

/** The two times of design.md section 4. Handlers read no other clock. */
export interface Time {
  /** Night time: when the sky is seen. Unix milliseconds UTC; simulated under `nightshift start` and `night`. */
  night(): number;
  /** Process time: monotonic milliseconds, never simulated; for leases, back-off, time-outs, latency. */
  process(): number;
  /** Process clock as Unix milliseconds, for what is written beside records (latency, ledger). */
  wall(): number;
}

export type Wirings = Readonly<Record<string, Wiring<Closable>>>;

/** What every handler gets. */
export interface Context<Config, Ports extends Wirings> {
  readonly config: Config;
  readonly ports: { readonly [K in keyof Ports]: PortOf<Ports[K]> };
  readonly time: Time;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Aborts when the unit's time limit or the drain's end is reached. */
  readonly signal: AbortSignal;
}

export type ConfigOf<C> = C extends { readonly config: infer Config } ? Config : never;

interface Limits {
  /** Longest that one unit may take; healthcheck_interval is generated from it. Over 25 s: bare launch only. */
  readonly limitSeconds: number;
  /** Attempts before a unit is set aside as dead (default 5). */
  readonly attempts?: number;
}

/** Kafka or the embedded log: `handle` gets consecutive records of one partition and answers an outcome for each. */
export interface TopicTrigger<C> extends Limits {
  readonly log: Wiring<TopicSource & TopicSink & Closable>;
  /** Where `{group}.retry` and `{group}.dead` stand, when `log` is not ours to write to (default: `log`). */
  readonly aside?: Wiring<TopicSource & TopicSink & Closable>;
  readonly name: string | ((config: ConfigOf<C>) => string);
  readonly group: string | ((config: ConfigOf<C>) => string);
  readonly from?: 'earliest' | 'latest';
  readonly batch: number;
  handle(records: readonly TopicRecord[], context: C): Promise<Outcome[]>;
}

export interface StreamTrigger<C> extends Limits {
  readonly stream: Wiring<StreamSource & Closable>;
  readonly name: (config: ConfigOf<C>) => string;
  readonly group: (config: ConfigOf<C>) => string;
  handle(unit: StreamUnit, context: C): Promise<Outcome>;
}

export interface QueueTrigger<C> extends Limits {
  readonly queue: Wiring<QueueSource & Closable>;
  readonly names: (config: ConfigOf<C>) => readonly string[];
  readonly batch: number | ((config: ConfigOf<C>) => number);
  handle(units: readonly QueueUnit[], context: C): Promise<Outcome[]>;
}

export interface TimerTrigger<C> {
  readonly leases: Wiring<LeaseSource & Closable>;
  readonly everySeconds: number;
  readonly limitSeconds: number;
  tick(context: C): Promise<void>;
}

export interface FunctionSpec<Schema extends z.ZodObject, Ports extends Wirings> {
  readonly name: string;
  /** One sentence for --help and docs. */
  readonly summary: string;
  readonly config: Schema;
  readonly ports: Ports;
  /** Longest that one request may take (default 10); exec_timeout of of-watchdog is generated from it. */
  readonly httpLimitSeconds?: number;
  http?(app: Hono, context: Context<z.infer<Schema>, Ports>): void;
  readonly topic?: TopicTrigger<Context<z.infer<Schema>, Ports>>;
  readonly stream?: StreamTrigger<Context<z.infer<Schema>, Ports>>;
  readonly queue?: QueueTrigger<Context<z.infer<Schema>, Ports>>;
  readonly timer?: TimerTrigger<Context<z.infer<Schema>, Ports>>;
  /** Warms up before the function says ready (kernels, worker threads); the answer is called when the function stops. */
  start?(context: Context<z.infer<Schema>, Ports>): Promise<(() => Promise<void>) | undefined>;
}

/** Any function, for what treats them all alike: the runtime, the bundler, the command line. */
export type AnyFunction = FunctionSpec<z.ZodObject, Wirings>;
export type AnyContext = Context<Record<string, unknown>, Wirings>;

/** Declares a function; the runtime does the rest. The answer is the declaration, unchanged and typed. */
export function defineFunction<Schema extends z.ZodObject, const Ports extends Wirings>(
  spec: FunctionSpec<Schema, Ports>,
): FunctionSpec<Schema, Ports> {
  return spec;
}
