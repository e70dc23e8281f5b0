import { Counter, Gauge, Histogram } from 'prom-client';
import { chooseSnapshot } from '#shared/domain/satellites/snapshot.ts';
import { orientationHorizonMjdUtc } from '#shared/domain/sky/earth-orientation.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { type Aged, ofAnyAge, publishedSnapshots } from './catalogue.ts';
import type { SattleContext } from './configuration.ts';

/** What is counted of the answers: numbers, never which visit, source or satellite. */
export type Counters = ReturnType<typeof countersOf>;

export function countersOf(context: SattleContext) {
  const registers = [context.metrics];
  watchCatalogue(context);
  new Gauge({
    registers,
    name: 'nightshift_earth_orientation_days_left',
    help: 'Days until the bundled table of the Earth’s orientation ends; beyond, corridors grow.',
    collect() {
      this.set(orientationDaysLeft(context.time.night()));
    },
  });
  return {
    refusals: new Counter({
      registers,
      name: 'nightshift_gate_refusals_total',
      help: 'Requests that were not answered, by reason.',
      labelNames: ['reason'],
    }),
    seconds: new Histogram({
      registers,
      name: 'nightshift_gate_answer_seconds',
      help: 'Seconds from a request’s first byte to its answer.',
      labelNames: ['route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    }),
    crossing: new Histogram({
      registers,
      name: 'nightshift_gate_crossing_satellites',
      help: 'Satellites that cross the field of a visit.',
      buckets: [0, 1, 2, 5, 10, 20, 50, 100, 200],
    }),
    sources: new Counter({
      registers,
      name: 'nightshift_gate_sources_total',
      help: 'Sources that were asked about, by answer.',
      labelNames: ['answer'],
    }),
    smallBoxes: new Counter({
      registers,
      name: 'nightshift_gate_small_boxes_total',
      help: 'Of them, those with a bounding box below the smallest that is told apart: a few are faint sources, many are probing.',
    }),
  };
}

/** Days from a moment (Unix ms) until the bundled table ends. */
export const orientationDaysLeft = (nowMs: number): number =>
  orientationHorizonMjdUtc - mjdUtcFromUnixMs(nowMs);

/** Age and size of the catalogue that a visit would be judged by now; no value where there is none, or the bucket is away. */
function watchCatalogue({ metrics, ports, time }: SattleContext): void {
  const now = async (): Promise<Aged | undefined> => {
    try {
      const snapshots = await publishedSnapshots(ports.products);
      const choice = chooseSnapshot(snapshots, mjdUtcFromUnixMs(time.night()), ofAnyAge);
      return choice.snapshot && choice;
    } catch {
      // The refusals tell why; a scrape shows the absence.
      return undefined;
    }
  };
  const gauge = (name: string, help: string, value: (aged: Aged) => number) =>
    new Gauge({
      registers: [metrics],
      name,
      help,
      async collect() {
        const aged = await now();
        if (aged) this.set(value(aged));
        else this.remove();
      },
    });
  gauge(
    'nightshift_satellite_catalog_age_hours',
    'Hours since the satellite catalogue in use, or its newest element set.',
    ({ ageHours }) => ageHours,
  );
  gauge(
    'nightshift_satellite_catalog_size',
    'Element sets of the satellite catalogue in use.',
    ({ snapshot }) => snapshot.count,
  );
}
