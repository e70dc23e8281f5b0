import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './declared-functions.ts';

/** The tracked file that holds the table. */
export const generatedOrientation = join(root, 'shared/domain/sky/earth-orientation.generated.ts');

/** MJD of the first row, 2010-01-01, two years before the first exposures that alerts were ever made of (DECam's). */
const FIRST_MJD = 55_197;
/** Days between rows: a line between them is within 1 ms and 0.003" of the daily values (test/services/satellites). */
const STEP_DAYS = 5;

interface Day {
  readonly measured: boolean;
  readonly columns: readonly [ut1MinusUtcSeconds: number, poleXArcsec: number, poleYArcsec: number];
}

/**
 * The text of earth-orientation.generated.ts from that of IERS's finals2000A.all (columns as its read-me gives them:
 * Bulletin A, flag I measured and P predicted) and the name of the release that it came in. Throws Error where a row
 * is missing.
 */
export function orientationTable(finals: string, release: string): string {
  const days = new Map(finals.split('\n').flatMap(rowOf));
  const lastMjd = Math.max(...days.keys());
  const measured = [...days].findLast(([, day]) => day.measured);
  const rows: string[] = [];
  for (let mjd = FIRST_MJD; mjd <= lastMjd; mjd += STEP_DAYS) {
    const day = days.get(mjd);
    if (!day) throw new Error(`finals2000A.all has no Bulletin A for MJD ${mjd}.`);
    rows.push(`  [${mjd}, ${day.columns.join(', ')}],`);
  }
  if (!measured || rows.length === 0)
    throw new Error(`finals2000A.all tells nothing measured from MJD ${FIRST_MJD} on.`);
  return [
    '// Made by `node templates/earth-orientation.ts FINALS RELEASE` from IERS Bulletin A (finals2000A.all). Do not edit.',
    `export const release = '${release}';`,
    `export const stepDays = ${STEP_DAYS};`,
    '/** MJD (UTC) of the last measured value; the rows after it are predicted. */',
    `export const lastMeasuredMjdUtc = ${measured[0]};`,
    '/** MJD (UTC), UT1 - UTC in seconds, pole x and y in arcseconds. */',
    'export const rows: readonly (readonly [mjdUtc: number, ut1MinusUtc: number, x: number, y: number])[] = [',
    ...rows,
    '];\n',
  ].join('\n');
}

/** UT1 to 10 microseconds and the pole to 0.1 mas, 5 mm at the ground. */
function rowOf(line: string): [mjd: number, Day][] {
  if (line.slice(58, 68).trim() === '') return [];
  const column = (from: number, to: number, decimals: number) =>
    Number(Number(line.slice(from, to)).toFixed(decimals));
  const columns = [column(58, 68, 5), column(18, 27, 4), column(37, 46, 4)] as const;
  return [[Number(line.slice(7, 15)), { measured: line[57] === 'I', columns }]];
}

if (import.meta.main) {
  const [finals, release] = process.argv.slice(2);
  if (!release) throw new Error('Call it with the path of finals2000A.all and the release it came in.');
  writeFileSync(generatedOrientation, orientationTable(readFileSync(finals, 'utf8'), release));
}
