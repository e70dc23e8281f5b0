import type { Header } from '../fits/header.ts';
import { isoUtc, type MjdTai, mjdUtc, mjdUtcFromTai } from '../time/scales.ts';

/**
 * Cards that say until when an image's pixels may not be shown: hours from the end of the exposure, in the sky's time.
 * Alerts and their stamps are not embargoed. 80 h in survey operations, 30 days before (DMTN-199, "Rubin Observatory
 * Data Security Standards Implementation"). None for 0 hours.
 */
export function embargoCards(exposureEnd: MjdTai, hours: number): Header {
  if (hours === 0) return [];
  const until = isoUtc(mjdUtc(mjdUtcFromTai(exposureEnd) + hours / 24)).replace('Z', '');
  return [
    { keyword: 'EMBARGO', value: until, comment: 'UTC until which pixels are embargoed' },
    { keyword: 'EMBHOURS', value: hours, comment: '[h] embargo after the end of exposure' },
  ];
}
