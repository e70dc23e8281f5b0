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
 * What sattle-check has counted since this process began. Its histogram of satellites a visit forgets their order, so a
 * look twice a second follows it, as long as the process lives; visits that came between two looks get their mean.
 */
export function followGateCounts(metrics: Metrics): () => Promise<GateCounts> {
  const crossing: number[] = [];
  const refusedAtMs = new Map<string, number>();
  let seen = { visits: 0, satellites: 0 };
  let refused = new Map<string, number>();

  async function look(): Promise<void> {
    const [histogram, refusals] = [
      await samplesOf(metrics, 'nightshift_gate_crossing_satellites'),
      byLabel(await samplesOf(metrics, 'nightshift_gate_refusals_total'), 'reason'),
    ];
    const visits = numberOf(histogram, 'nightshift_gate_crossing_satellites_count');
    const satellites = numberOf(histogram, 'nightshift_gate_crossing_satellites_sum');
    if (visits > seen.visits) {
      const each = (satellites - seen.satellites) / (visits - seen.visits);
      for (let visit = seen.visits; visit < visits; visit++) crossing.push(each);
      seen = { visits, satellites };
    }
    crossing.splice(0, crossing.length - visitsKept);
    for (const [reason, count] of refusals)
      if (count > (refused.get(reason) ?? 0)) refusedAtMs.set(reason, performance.now());
    refused = refusals;
  }
  setInterval(look, lookEveryMs).unref();

  return async () => {
    await look();
    const sources = byLabel(await samplesOf(metrics, 'nightshift_gate_sources_total'), 'answer');
    return {
      allowed: sources.get('allowed') ?? 0,
      removed: sources.get('removed') ?? 0,
      refusals: [...refusedAtMs].map(([reason, atMs]) => ({
        reason: reason as RefusalReason,
        count: refused.get(reason) ?? 0,
        lately: performance.now() - atMs < latelyMs,
      })),
      latencies: latenciesOf(await samplesOf(metrics, 'nightshift_gate_answer_seconds')),
      crossing: [...crossing],
    };
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
