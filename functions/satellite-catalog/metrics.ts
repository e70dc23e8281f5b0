import { Counter, Gauge, type Registry } from 'prom-client';

export interface CatalogMetrics {
  readonly fetches: Counter<'source' | 'outcome'>;
  readonly snapshots: Counter<'outcome'>;
  readonly age: Gauge;
}

const known = new WeakMap<Registry, CatalogMetrics>();

/** The function's series in a launch's registry, made when they are first needed. */
export function catalogMetrics(registry: Registry): CatalogMetrics {
  const made = known.get(registry) ?? makeMetrics([registry]);
  known.set(registry, made);
  return made;
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
  age: new Gauge({
    registers,
    name: 'nightshift_satellite_newest_snapshot_age_hours',
    help: 'Hours, in night time, since the newest element set of the newest satellite catalogue.',
  }),
});
