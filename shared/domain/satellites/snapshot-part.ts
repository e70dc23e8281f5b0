import { parseOmm, type Satellite } from './element-set.ts';

/** One of the two parts of a snapshot as text. */
export interface Part {
  readonly lines: readonly string[];
  /** Element sets that the index says it has. */
  readonly count: number;
  readonly isPrivate: boolean;
}

/** Element sets made ready in one step: 40 ms, so that a request never waits longer for a catalogue that is on its way. */
const stepSize = 1000;

/**
 * The satellites of a snapshot, a step at each call. Throws RangeError where a line cannot be read or is missing: part
 * of a catalogue is none. Of a private part nothing is told but that.
 */
export function* satellitesOf(id: string, parts: readonly Part[]): Generator<undefined, Satellite[]> {
  const satellites: Satellite[] = [];
  for (const { lines, count, isPrivate } of parts) {
    const part = isPrivate ? `private part of the snapshot ${id}` : `snapshot ${id}`;
    if (lines.length !== count)
      throw new RangeError(`The ${part} holds ${lines.length} element sets instead of ${count}.`);
    for (const [index, line] of lines.entries()) {
      try {
        satellites.push(parseOmm(line));
      } catch (error) {
        if (isPrivate || !(error instanceof RangeError))
          throw new RangeError(`A line of the ${part} cannot be read.`);
        throw new RangeError(`Line ${index + 1} of the ${part} cannot be read: ${error.message}`);
      }
      if (satellites.length % stepSize === 0) yield;
    }
  }
  return satellites;
}
