import { Counter, Gauge, type Registry } from 'prom-client';

export interface CatalogMetrics {
  readonly fetches: Counter<'source' | 'outcome'>;
  readonly snapshots: Counter<'outcome'>;
}

const known = new WeakMap<Registry, CatalogMetrics>();

/** The function's series in a launch's registry, made when they are first needed. */
export function catalogMetrics(registry: Registry): CatalogMetrics {
  const made = known.get(registry) ?? beginCounting(makeMetrics([registry]));
  known.set(registry, made);
  return made;
}

const snapshotOutcomes = ['published', 'unchanged', 'empty', 'shrunk', 'stale', 'missing_source'] as const;

/** A series that begins with its first event at 1 has no increase for Prometheus. */
function beginCounting(metrics: CatalogMetrics): CatalogMetrics {
  for (const outcome of snapshotOutcomes) metrics.snapshots.inc({ outcome }, 0);
  return metrics;
}

/** The same for a source, by its name. */
export function beginCountingFetches({ fetches }: CatalogMetrics, source: string): void {
  for (const outcome of ['new', 'unchanged', 'failed']) fetches.inc({ source, outcome }, 0);
}

const makeMetrics = (registers: Registry[]): CatalogMetrics => ({
  fetches: new Counter({
    registers,
    name: 'nightshift_satellite_source_fetches_total',
    help: 'Fetches of sources of element sets, by their outcome: new, unchanged, failed.',
    labelNames: ['source', 'outcome'],
  }),
  snapshots: new Counter({
    registers,
    name: 'nightshift_satellite_snapshots_total',
    help: 'Satellite catalogues made: published, unchanged, or refused because they were empty, shrunk, stale or lacked a source.',
    labelNames: ['outcome'],
  }),
});

/** Hours since the newest element set of the newest snapshot, asked at each scrape, so that every replica tells the same. */
export function watchAge(registry: Registry, hours: () => Promise<number | undefined>): void {
  new Gauge({
    registers: [registry],
    name: 'nightshift_satellite_newest_snapshot_age_hours',
    help: 'Hours, in night time, since the newest element set of the newest satellite catalogue.',
    async collect() {
      // While the bucket is away there is no value; the tick tells why.
      const age = await hours().catch(() => undefined);
      if (age === undefined) this.remove();
      else this.set(age);
    },
  });
}
