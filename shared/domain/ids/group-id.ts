import { nsFromIso } from '../time/scales.ts';
import { InvalidId } from './invalid-id.ts';

const EPOCH_NS = nsFromIso('2015-01-01');
const NS_A_MILLISECOND = 1_000_000n;

/**
 * Number of a group id, as Rubin's metadata translator derives it: milliseconds since 2015-01-01 and four digits for
 * the number after `#`, so `2025-04-16T07:03:14.565#1` is 3247165945650001; a whole number stands for itself.
 * Throws InvalidId for another form.
 */
export function groupIdNumber(group: string): bigint {
  if (/^[0-9]+$/.test(group)) return BigInt(group);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(?:#(\d{1,4}))?$/.exec(group);
  if (!match)
    throw new InvalidId(
      `The group "${group}" is neither a whole number nor of the form YYYY-MM-DDTHH:MM:SS.fff[#N].`,
    );
  const milliseconds = (nsFromIso(match[1]) - EPOCH_NS) / NS_A_MILLISECOND;
  return milliseconds * 10_000n + BigInt(match[2] ?? 0);
}
