import type { Context } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { defaultUncertainty } from '#shared/domain/satellites/uncertainty.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { catalogSeal } from '#shared/wiring/seal.ts';

export const config = z.object({
  SNAPSHOT_MAX_AGE_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe(
      'Hours between a visit and the satellite catalogue it is judged by; beyond, nothing is allowed.',
    ),
  SATELLITE_SIGMA_KM: z.coerce
    .number()
    .nonnegative()
    .default(defaultUncertainty.crossTrackKm)
    .describe('Standard deviation across its path of a satellite at the epoch of its elements, km.'),
  SATELLITE_SIGMA_KM_PER_DAY: z.coerce
    .number()
    .nonnegative()
    .default(defaultUncertainty.crossTrackKmPerDay)
    .describe('What each day between that epoch and the exposure adds to it, km.'),
  GATE_KEY: z
    .string()
    .optional()
    .describe(
      'Key under which answers are signed for askers that send a nonce, the same in process-detector. Absent: none is signed.',
    )
    .meta({ secret: true }),
});

export const ports = { products: objectStore('products'), seal: catalogSeal };

/** What the routes work with. */
export type SattleContext = Context<z.infer<typeof config>, typeof ports>;
