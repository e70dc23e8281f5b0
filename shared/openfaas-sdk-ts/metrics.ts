import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from './outcome.ts';

/** From 1 ms to the 60 s of LSE-61 and the 300 s of a slow worker. */
const secondsBuckets = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** What the runtime counts, by trigger; every series carries the label `fn`. */
export interface Metrics {
  readonly registry: Registry;
  received(trigger: string, count: number): void;
  /** Counts how one unit ended. */
  ended(trigger: string, kind: Outcome['kind']): void;
  /** Times one call of a handler and shows it in flight meanwhile. */
  timed<T>(trigger: string, work: () => Promise<T>): Promise<T>;
  holding(trigger: string, dependency: string, held: boolean): void;
  /** Asks at each scrape how much work waits at a source. */
  watchLag(trigger: string, source: string, lag: () => Promise<number>): void;
}

const counterNames = {
  done: ['nightshift_units_done_total', 'Units finished and acknowledged; HTTP: answers below 500.'],
  retry: [
    'nightshift_units_retried_total',
    'Units given back with an attempt spent; HTTP: answers of 500 and above.',
  ],
  dead: ['nightshift_units_dead_total', 'Units set aside with their cause.'],
  hold: ['nightshift_units_held_total', 'Units given back because a dependency failed.'],
} as const satisfies Record<Outcome['kind'], readonly [string, string]>;

export function createMetrics(fn: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ fn });
  const common = { registers: [registry], labelNames: ['trigger'] as const };
  const counter = (name: string, help: string) => new Counter({ ...common, name, help });
  const received = counter(
    'nightshift_units_received_total',
    'Units taken from a trigger, repetitions counted.',
  );
  const ended = {
    done: counter(...counterNames.done),
    retry: counter(...counterNames.retry),
    dead: counter(...counterNames.dead),
    hold: counter(...counterNames.hold),
  };
  const seconds = new Histogram({
    ...common,
    name: 'nightshift_unit_seconds',
    help: 'Seconds that one call of a handler took.',
    buckets: secondsBuckets,
  });
  const inFlight = new Gauge({
    ...common,
    name: 'nightshift_units_in_flight',
    help: 'Calls of handlers at work.',
  });
  const holding = new Gauge({
    registers: [registry],
    labelNames: ['trigger', 'dependency'] as const,
    name: 'nightshift_holding',
    help: '1 while a trigger waits for a dependency that failed: the alarm names it.',
  });
  const watchLag = createLagGauge(registry);
  watchLoopDelay(registry);
  return {
    registry,
    received: (trigger, count) => received.inc({ trigger }, count),
    ended: (trigger, kind) => ended[kind].inc({ trigger }),
    async timed(trigger, work) {
      const stop = seconds.startTimer({ trigger });
      inFlight.inc({ trigger });
      try {
        return await work();
      } finally {
        inFlight.dec({ trigger });
        stop();
      }
    },
    holding: (trigger, dependency, held) => holding.set({ trigger, dependency }, held ? 1 : 0),
    watchLag,
  };
}

/** A source that does not answer shows no lag rather than an old one; its hold is shown by nightshift_holding. */
function createLagGauge(registry: Registry): Metrics['watchLag'] {
  const sources: { labels: { trigger: string; source: string }; lag: () => Promise<number> }[] = [];
  new Gauge({
    registers: [registry],
    labelNames: ['trigger', 'source'] as const,
    name: 'nightshift_lag',
    help: 'Units that wait at a source: records behind the committed offset, entries and items not yet handed out.',
    async collect() {
      const answers = await Promise.allSettled(sources.map((source) => source.lag()));
      for (const [i, answer] of answers.entries()) {
        if (answer.status === 'fulfilled') this.set(sources[i].labels, answer.value);
        else this.remove(sources[i].labels);
      }
    },
  });
  return (trigger, source, lag) => {
    sources.push({ labels: { trigger, source }, lag });
  };
}

/** Event loop delay since the last scrape: the main thread never works longer than 50 ms (design.md section 4). */
function watchLoopDelay(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    registers: [registry],
    labelNames: ['quantile'] as const,
    name: 'nightshift_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape, with 10 ms of the sampling itself.',
    collect() {
      if (delay.count === 0) return;
      for (const quantile of [50, 99, 100]) {
        this.set({ quantile: String(quantile / 100) }, delay.percentile(quantile) / 1e9);
      }
      delay.reset();
    },
  });
}
