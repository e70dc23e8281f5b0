import type { RunningFunction } from 'openfaas-sdk-ts';
import type { RefusalReason } from '../../functions/sattle-check/refusal.ts';
import type { GateCounts, RouteLatency } from './answers.ts';

type Metrics = RunningFunction['metrics'];

/** One value of a metric, as prom-client gives it. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

/** Visits whose satellites are drawn: a night of LSST has 900. */
const visitsKept = 1000;
const lookEveryMs = 500;
/** How long a refusal is told of as one of now. */
const latelyMs = 60_000;

/**
 * What sattle-check has counted since this process began. A look twice a second follows what its metrics do not keep,
 * the order of events, as long as the process lives.
 */
export function followGateCounts(metrics: Metrics): () => Promise<GateCounts> {
  const crossing = followCrossing();
  const refusals = followRefusals();
  let sources = new Map<string, number>();

  async function look(): Promise<void> {
    const refused = byLabel(await samplesOf(metrics, 'nightshift_gate_refusals_total'), 'reason');
    sources = byLabel(await samplesOf(metrics, 'nightshift_gate_sources_total'), 'answer');
    crossing.see(await samplesOf(metrics, 'nightshift_gate_crossing_satellites'));
    refusals.see(
      refused,
      [...sources.values()].reduce((sum, count) => sum + count, 0),
    );
  }
  setInterval(look, lookEveryMs).unref();

  return async () => {
    await look();
    return {
      allowed: sources.get('allowed') ?? 0,
      removed: sources.get('removed') ?? 0,
      refusals: refusals.told(),
      latencies: latenciesOf(await samplesOf(metrics, 'nightshift_gate_answer_seconds')),
      crossing: crossing.byVisit(),
    };
  };
}

/** Satellites of each visit, from a histogram that adds them up; visits that came between two looks get their mean. */
function followCrossing() {
  const byVisit: number[] = [];
  let seen = { visits: 0, satellites: 0 };
  return {
    see(histogram: readonly Sample[]): void {
      const visits = numberOf(histogram, 'nightshift_gate_crossing_satellites_count');
      const satellites = numberOf(histogram, 'nightshift_gate_crossing_satellites_sum');
      if (visits <= seen.visits) return;
      const each = (satellites - seen.satellites) / (visits - seen.visits);
      for (let visit = seen.visits; visit < visits; visit++) byVisit.push(each);
      byVisit.splice(0, byVisit.length - visitsKept);
      seen = { visits, satellites };
    },
    byVisit: (): number[] => [...byVisit],
  };
}

/** When which reason was last given, and whether a source was answered since. */
function followRefusals() {
  const lastMs = new Map<string, number>();
  let refused: ReadonlyMap<string, number> = new Map();
  let answered = { sources: 0, atMs: Number.NEGATIVE_INFINITY };
  return {
    see(counts: ReadonlyMap<string, number>, sources: number): void {
      const nowMs = performance.now();
      for (const [reason, count] of counts) if (count > (refused.get(reason) ?? 0)) lastMs.set(reason, nowMs);
      if (sources > answered.sources) answered = { sources, atMs: nowMs };
      refused = counts;
    },
    told: (): GateCounts['refusals'] =>
      [...lastMs].map(([reason, atMs]) => ({
        reason: reason as RefusalReason,
        count: refused.get(reason) ?? 0,
        lately: performance.now() - atMs < latelyMs,
        lasting: atMs > answered.atMs,
      })),
  };
}

async function samplesOf(metrics: Metrics, name: string): Promise<readonly Sample[]> {
  return (await metrics.getSingleMetric(name)?.get())?.values ?? [];
}

const numberOf = (samples: readonly Sample[], name: string): number =>
  samples.find(({ metricName }) => metricName === name)?.value ?? 0;

const byLabel = (samples: readonly Sample[], label: string): Map<string, number> =>
  new Map(samples.map(({ labels, value }) => [String(labels[label]), value]));

function latenciesOf(samples: readonly Sample[]): RouteLatency[] {
  const buckets = samples.filter(({ labels }) => labels.le !== undefined);
  return [...Map.groupBy(buckets, ({ labels }) => String(labels.route))].map(([route, ofRoute]) => {
    const bounds = ofRoute.map(({ labels, value }) => ({
      upTo: labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
      count: value,
    }));
    return {
      route,
      answers: bounds.at(-1)?.count ?? 0,
      p50Seconds: quantile(bounds, 0.5),
      p99Seconds: quantile(bounds, 0.99),
    };
  });
}

/**
 * A quantile of what a histogram counted, as Prometheus reckons it: linear within a bucket, and the last finite bound
 * for what lies beyond. Buckets are cumulative, in order.
 */
export function quantile(buckets: readonly { upTo: number; count: number }[], share: number): number {
  const rank = share * (buckets.at(-1)?.count ?? 0);
  const place = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[place];
  if (!bucket) return 0;
  const below = buckets[place - 1] ?? { upTo: 0, count: 0 };
  if (bucket.upTo === Number.POSITIVE_INFINITY) return below.upTo;
  if (bucket.count === below.count) return below.upTo;
  return below.upTo + ((bucket.upTo - below.upTo) * (rank - below.count)) / (bucket.count - below.count);
}
