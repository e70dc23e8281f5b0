import { type Context, defineFunction } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { elementSources } from '#shared/wiring/element-sources.ts';
import { leases } from '#shared/wiring/leases.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { catalogSeal } from '#shared/wiring/seal.ts';
import { begin, stop, tick } from './tick.ts';

const config = z.object({
  SNAPSHOT_MAX_AGE_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe('Hours between now and the newest element set; a catalogue that is older is not published.'),
});
const ports = {
  products: objectStore('products'),
  seal: catalogSeal,
  elements: elementSources,
};
export type CatalogContext = Context<z.infer<typeof config>, typeof ports>;

/** Sattle's catalogue (lsst-dm/sattle), which the original takes in once, at its start. */
export default defineFunction({
  name: 'satellite-catalog',
  summary: 'Fetches element sets of satellites from declared sources and publishes them as snapshots.',
  config,
  ports,
  timer: {
    leases: leases('ingest'),
    everySeconds: 60,
    limitSeconds: 25,
    tick: (context) => tick(context),
  },
  async start(context) {
    begin(context);
    return () => stop(context);
  },
});
