import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Command } from 'commander';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { catalogNumber } from '#shared/domain/satellites/catalog-number.ts';
import { starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { earthFrameAt } from '#shared/domain/satellites/earth-frame.ts';
import { type ElementRecord, parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { parseJsonObject, type Satellite, satelliteOf } from '#shared/domain/satellites/element-set.ts';
import { toRaDec } from '#shared/domain/sky/vector.ts';
import { type MjdUtc, mjdUtc } from '#shared/domain/time/scales.ts';
import { textOf } from '../../functions/satellite-catalog/inspect.ts';
import { readBytes } from '../read-bytes.ts';

interface Options {
  readonly source: string;
  readonly list: string;
}

/** `nightshift satellites positions --source PATH --list INPUT.jsonl`. */
export const positionsCommand = (): Command =>
  new Command('positions')
    .description('Tells where among the stars the observatory sees satellites at given times.')
    .requiredOption(
      '--source <path>',
      'element sets: OMM (JSON, or one a line) or TLE, or a snapshot (.jsonl.gz)',
    )
    .requiredOption(
      '--list <file>',
      'what is asked, a line each: {"norad": 25544, "jdUtc": 2459800.7}; - reads standard input',
    )
    .addHelpText('after', help)
    .action(printPositions);

const help = `
Each line is answered by a line {"norad", "jdUtc", "raDeg", "decDeg", "rangeKm"}: the apparent direction from the Rubin
Observatory in the frame of the stars, which is where an image with a WCS fitted to stars shows the satellite
(J2000/ICRS; light time taken into account, annual aberration as the stars have it), also below the horizon. Of several
element sets of a satellite the one with the nearest epoch counts. A Julian date is good to 40 microseconds as a JSON
number, in which the fastest satellite goes 0.2".

A line that cannot be answered is named on standard error, the others go on, and the exit code is 1.

Examples:
  nightshift satellites positions --source catalog.tle --list asked.jsonl > positions.jsonl
  echo '{"norad": 25544, "jdUtc": 2459800.7}' | nightshift satellites positions --source catalog.tle --list -`;

async function printPositions({ source, list }: Options): Promise<void> {
  const nearest = readElements(source);
  const name = list === '-' ? 'standard input' : list;
  const input = list === '-' ? process.stdin : createReadStream(list);
  for await (const [number, line] of numberedLines(input, name)) {
    try {
      const answer = `${JSON.stringify(positionOf(line, nearest))}\n`;
      if (!process.stdout.write(answer)) await once(process.stdout, 'drain');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      console.error(`${name}, line ${number}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

/** The element set of a satellite whose epoch is nearest to a time. */
export type NearestElements = (norad: number, time: MjdUtc) => Satellite | undefined;

/**
 * The answer to one line, angles in degrees. Throws RangeError, which holds neither the satellite's number nor its
 * elements, for a line that cannot be read and a satellite that is unknown or cannot be propagated.
 */
export function positionOf(
  line: string,
  nearest: NearestElements,
): { norad: number; jdUtc: number; raDeg: number; decDeg: number; rangeKm: number } {
  const { norad: asked, jdUtc } = parseJsonObject(line);
  if (typeof jdUtc !== 'number') throw new RangeError('jdUtc is not a number.');
  const [norad, time] = [numberAsked(asked), mjdUtc(jdUtc - 2_400_000.5)];
  const frame = earthFrameAt(time, rubinSite);
  const satellite = nearest(norad, time);
  if (!satellite) throw new RangeError('The source holds no element set of this satellite.');
  const seen = starTiedDirection(satellite, time, frame);
  if (!seen)
    throw new RangeError(
      'SGP4 gives this satellite no position at this time, mostly since by its elements it has come down; ask nearer to their epoch.',
    );
  return { norad, jdUtc, ...toRaDec(seen.direction), rangeKm: seen.rangeKm };
}

function numberAsked(value: unknown): number {
  try {
    return catalogNumber(value);
  } catch (error) {
    throw new RangeError('norad is no number of the catalogue, such as 25544.', { cause: error });
  }
}

/** Reads a file of element sets; each is made ready for SGP4 (0.1 ms) when it is first asked for. */
function readElements(path: string): NearestElements {
  const { elements, refused } = parseElementFile(textOf(readBytes(path)), path);
  const first = refused[0] && `${refused[0].place}: ${refused[0].why}`;
  if (elements.length === 0) throw new Error(`${path} holds no element set that can be read. ${first}`);
  if (first) console.error(`Element sets left out: ${refused.length}. The first: ${first}`);
  const byNumber = Map.groupBy(elements, ({ norad }) => norad);
  const ready = new Map<ElementRecord, Satellite>();
  return (norad, time) => {
    const distance = ({ epochMjdUtc }: ElementRecord) => Math.abs(epochMjdUtc - time);
    const sets = byNumber.get(norad)?.toSorted((a, b) => distance(a) - distance(b));
    if (!sets) return undefined;
    const satellite = ready.get(sets[0]) ?? satelliteOf(sets[0].omm);
    ready.set(sets[0], satellite);
    return satellite;
  };
}

/** The lines that are not blank, with their numbers, one at a time. Throws Error naming the input. */
async function* numberedLines(input: Readable, name: string): AsyncGenerator<[number, string]> {
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
      if (text.trim() !== '') yield [number, text];
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} cannot be read: ${reason}.`, { cause: error });
  }
}
