import type { MjdUtc } from '../time/scales.ts';
import type { ElementRecord } from './element-file.ts';

/** The element sets of one source; nobody but the gate may learn anything of a private one's. */
export interface SourceElements {
  readonly name: string;
  readonly private: boolean;
  readonly elements: readonly ElementRecord[];
}

/** The element set taken for an object, and whether it came from a private source. */
export interface MergedElements extends ElementRecord {
  readonly private: boolean;
}

/** A TLE's epoch has steps of 0.864 ms: epochs nearer than that are those of one set. */
const sameEpochDays = 0.001 / 86_400;
/** Days after the day of its decay on which an object is still taken for one: the day is rounded, and may be wrong. */
const decayMargin = 2;

/**
 * One element set an object, by number: the one with the epoch nearest to a moment. Of those with the same distance an
 * OMM, and then that of the source named first. Objects that came down before the moment are left out.
 */
export function mergeElements(sources: readonly SourceElements[], asOf: MjdUtc): MergedElements[] {
  const chosen = new Map<number, MergedElements>();
  for (const source of sources) {
    for (const record of source.elements) {
      if (record.decayedMjdUtc !== undefined && record.decayedMjdUtc + decayMargin < asOf) continue;
      const other = chosen.get(record.norad);
      if (!other || isBetter(record, other, asOf))
        chosen.set(record.norad, { ...record, private: source.private });
    }
  }
  return [...chosen.values()].sort((a, b) => a.norad - b.norad);
}

function isBetter(record: ElementRecord, other: ElementRecord, asOf: MjdUtc): boolean {
  const nearer = Math.abs(other.epochMjdUtc - asOf) - Math.abs(record.epochMjdUtc - asOf);
  if (Math.abs(nearer) > sameEpochDays) return nearer > 0;
  return record.format === 'omm' && other.format === 'tle';
}
