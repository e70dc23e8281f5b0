import type { Environment } from 'openfaas-sdk-ts';
import { config } from '../../functions/sattle-check/configuration.ts';

/** SNAPSHOT_MAX_AGE_HOURS, as sattle-check reads it. */
export function maxAgeHours(environment: Environment): number {
  const text = environment('SNAPSHOT_MAX_AGE_HOURS');
  const { data: hours } = config.shape.SNAPSHOT_MAX_AGE_HOURS.safeParse(text);
  if (hours !== undefined) return hours;
  throw new Error(`SNAPSHOT_MAX_AGE_HOURS is '${text}': set it to a number of hours above 0, or unset it.`);
}
