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

interface Limits {
  /** Longest that one unit may take; healthcheck_interval is generated from it. Over 25 s: bare launch only. */
  readonly limitSeconds: number;
  /** Attempts before a unit is set aside as dead (default 5). */
  readonly attempts?: number;
}

/** Kafka or the embedded log. `each` for one record at a time, or `batch` with an outcome a record. */
export interface TopicTrigger<C> extends Limits {
  readonly log: Wiring<TopicSource & TopicSink & Closable>;
  readonly name: string | ((config: C extends Context<infer Config, Wirings> ? Config : never) => string);
  readonly group: string | ((config: C extends Context<infer Config, Wirings> ? Config : never) => string);
  readonly from?: 'earliest' | 'latest';
  readonly batch: number;
  handle(records: readonly TopicRecord[], context: C): Promise<Outcome[]>;
}

export interface StreamTrigger<C> extends Limits {
  readonly stream: Wiring<StreamSource & Closable>;
  readonly name: (config: C extends Context<infer Config, Wirings> ? Config : never) => string;
  readonly group: (config: C extends Context<infer Config, Wirings> ? Config : never) => string;
  handle(unit: StreamUnit, context: C): Promise<Outcome>;
}

export interface QueueTrigger<C> extends Limits {
  readonly queue: Wiring<QueueSource & Closable>;
  readonly names: (config: C extends Context<infer Config, Wirings> ? Config : never) => readonly string[];
  readonly batch: number | ((config: C extends Context<infer Config, Wirings> ? Config : never) => number);
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
  http?(app: Hono, context: Context<z.infer<Schema>, Ports>): void;
  readonly topic?: TopicTrigger<Context<z.infer<Schema>, Ports>>;
  readonly stream?: StreamTrigger<Context<z.infer<Schema>, Ports>>;
  readonly queue?: QueueTrigger<Context<z.infer<Schema>, Ports>>;
  readonly timer?: TimerTrigger<Context<z.infer<Schema>, Ports>>;
  /** Warms up before the function says ready (kernels, worker threads); the answer is called at the drain's end. */
  start?(context: Context<z.infer<Schema>, Ports>): Promise<(() => Promise<void>) | undefined>;
}

/** Declares a function; the runtime does the rest. The answer is the declaration, unchanged and typed. */
export function defineFunction<Schema extends z.ZodObject, const Ports extends Wirings>(
  spec: FunctionSpec<Schema, Ports>,
): FunctionSpec<Schema, Ports> {
  return spec;
}
