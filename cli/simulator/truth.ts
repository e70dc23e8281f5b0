import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Conditions } from './observation.ts';
import type { Plan, Visit } from './survey-plan.ts';
import { mjdTai } from './tai.ts';

interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** One row of truth/sources.csv: something simulated on one detector in one visit. */
export interface SourceTruth {
  readonly visit: bigint;
  readonly detector: number;
  readonly id: string;
  readonly kind: 'star' | 'galaxy' | 'variable' | 'supernova' | 'asteroid' | 'satellite' | 'uncatalogued';
  readonly raDeg: number;
  readonly decDeg: number;
  /** 0-based pixels; of a streak the middle of its chord. */
  readonly x: number;
  readonly y: number;
  /** nJy: of stars and galaxies the whole; of what changes the difference to the template, negative where it faded. */
  readonly flux: number;
  /** Of the flux's size, against the noise of sky, read-out and template under a point source. */
  readonly snr: number;
  /** Whether it lies in a galaxy. */
  readonly hosted: boolean;
  /** A star whose peak fills a pixel's well. */
  readonly saturated: boolean;
  /** Where a streak enters and leaves the detector, 15 pixels beyond its edge. */
  readonly ends?: readonly [Pixel, Pixel];
}

const SOURCE_COLUMNS = 'visit,detector,id,kind,ra,dec,x,y,flux,snr,hosted,saturated,x1,y1,x2,y2';
const VISIT_COLUMNS =
  'visit,readoutEndMs,index,instrument,group,dayObs,seqNum,band,physicalFilter,ra,dec,skyAngle,' +
  'beginMjdTai,endMjdTai,midpointMjdTai,fwhmPixels,electronsPerNjy,detectors,sourcesBytes';

/** The two tables of what was simulated. A visit counts as taken when its row in visits.csv is there. */
export interface TruthTable {
  /** Number of visits in the table, which are the first of the plan. */
  readonly taken: number;
  /** Adds a visit whose last raw was PUT at `readoutEndMs` (process clock, Unix ms). */
  add(
    visit: Visit,
    conditions: Conditions,
    sources: readonly SourceTruth[],
    readoutEndMs: number,
  ): Promise<void>;
}

/**
 * Opens truth/sources.csv and truth/visits.csv in a folder, or begins them. What a killed process left of a visit
 * that has no row is cut off: each row says how long sources.csv was after it.
 */
export async function openTruth(folder: string, plan: Plan): Promise<TruthTable> {
  const [sourcesFile, visitsFile] = [join(folder, 'sources.csv'), join(folder, 'visits.csv')];
  await mkdir(folder, { recursive: true });
  const rows = await completeRows(visitsFile);
  if (rows.length === 0) {
    await writeFile(sourcesFile, `${SOURCE_COLUMNS}\n`);
    await writeFile(visitsFile, `${VISIT_COLUMNS}\n`);
  } else {
    await truncate(sourcesFile, Number(rows[rows.length - 1].split(',').at(-1)));
    await truncate(visitsFile, Buffer.byteLength(`${[VISIT_COLUMNS, ...rows].join('\n')}\n`));
  }
  return {
    taken: rows.length,
    async add(visit, conditions, sources, readoutEndMs) {
      await appendFile(sourcesFile, sources.map(sourceRow).join(''));
      const { size } = await stat(sourcesFile);
      await appendFile(visitsFile, visitRow(plan, visit, conditions, readoutEndMs, size));
    },
  };
}

/** The rows behind the head that end in a line feed. */
async function completeRows(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const [head, ...rows] = text.split('\n').slice(0, -1);
  if (head !== undefined && head !== VISIT_COLUMNS)
    throw new Error(`${file} is not a table of this simulator: its head is '${head}'.`);
  return rows;
}

function sourceRow(source: SourceTruth): string {
  const ends = source.ends?.flatMap(({ x, y }) => [x.toFixed(2), y.toFixed(2)]) ?? ['', '', '', ''];
  const columns = [
    source.visit,
    source.detector,
    source.id,
    source.kind,
    source.raDeg.toFixed(8),
    source.decDeg.toFixed(8),
    source.x.toFixed(3),
    source.y.toFixed(3),
    source.flux.toFixed(2),
    source.snr.toFixed(2),
    Number(source.hosted),
    Number(source.saturated),
    ...ends,
  ];
  return `${columns.join(',')}\n`;
}

function visitRow(
  plan: Plan,
  visit: Visit,
  conditions: Conditions,
  readoutEndMs: number,
  sourcesBytes: number,
): string {
  const columns = [
    visit.visit,
    readoutEndMs,
    visit.index,
    plan.instrument.name,
    visit.group,
    visit.dayObs,
    visit.seqNum,
    visit.band,
    visit.physicalFilter,
    visit.raDeg,
    visit.decDeg,
    visit.skyAngleDeg,
    mjdTai(visit.begin),
    mjdTai(visit.end),
    mjdTai((visit.begin + visit.end) / 2),
    conditions.fwhmPixels.toFixed(4),
    conditions.electronsPerNjy.toFixed(5),
    plan.detectors.length,
    sourcesBytes,
  ];
  return `${columns.join(',')}\n`;
}
