import type { Environment } from 'openfaas-sdk-ts';

/** SNAPSHOT_MAX_AGE_HOURS, as satellite-catalog and sattle-check read it. */
export function maxAgeHours(environment: Environment): number {
  const text = environment('SNAPSHOT_MAX_AGE_HOURS') ?? '24';
  const hours = Number(text);
  if (hours > 0) return hours;
  throw new Error(`SNAPSHOT_MAX_AGE_HOURS is '${text}': set it to a number of hours above 0, or unset it.`);
}
