import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAlert } from '#shared/domain/alert/packet.ts';
import { detectorByNumber, type Instrument } from '#shared/domain/ids/instruments.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { allRecords } from '../all-records.ts';
import { readLedger } from '../ledger.ts';
import { withPort } from '../open-port.ts';
import { parseCsv } from './csv.ts';
import { type PublishedSource, type Score, scoreNight, type Truth } from './score-night.ts';

/** Scores the alerts of a simulated night in its data folder. */
export async function scoreFolder(data: string, topic: string, instrument: Instrument): Promise<Score> {
  const published = await withPort(logReader('public'), data, async (log) => {
    const sources: PublishedSource[] = [];
    for await (const { value } of allRecords(log, topic)) {
      const { visit, detector, ra, dec, x, y, psfFlux } = decodeAlert(value).diaSource;
      sources.push({ visit: visit.toString(), detector, ra, dec, x, y, psfFlux: psfFlux ?? Number.NaN });
    }
    return sources;
  });
  return scoreNight(readTruth(data), published, (number) => {
    const { width, height } = detectorByNumber(instrument, number)!;
    return { width, height };
  });
}

function readTruth(data: string): Truth[] {
  return parseCsv(readFileSync(join(data, 'truth', 'sources.csv'), 'utf8')).map((row) => {
    const number = (name: string): number => Number(row[name]);
    return {
      visit: row.visit ?? '',
      detector: number('detector'),
      kind: row.kind ?? '',
      ra: number('ra'),
      dec: number('dec'),
      x: number('x'),
      y: number('y'),
      flux: number('flux'),
      snr: number('snr'),
      saturated: row.saturated === '1',
      ...(row.x1 && {
        ends: [
          { x: number('x1'), y: number('y1') },
          { x: number('x2'), y: number('y2') },
        ] as const,
      }),
    };
  });
}

export interface Latency {
  readonly p50: number;
  readonly p98: number;
  readonly max: number;
}

/** Seconds, by the process clock, from the last raw of a visit to the last acknowledgement of its alerts. */
export async function latencyOf(data: string): Promise<Latency> {
  const accounts = await withPort(logReader('prompt'), data, readLedger);
  const visits = parseCsv(readFileSync(join(data, 'truth', 'visits.csv'), 'utf8'));
  const seconds = visits.flatMap(({ visit, readoutEndMs }) => {
    const published = accounts.filter((account) => account.visit?.toString() === visit);
    const last = Math.max(
      ...published.map(({ steps }) => steps.published?.timeMs ?? Number.NEGATIVE_INFINITY),
    );
    return Number.isFinite(last) ? [(last - Number(readoutEndMs)) / 1000] : [];
  });
  return { p50: quantile(seconds, 0.5), p98: quantile(seconds, 0.98), max: quantile(seconds, 1) };
}

/** The smallest value that at least a share of the values does not exceed; 0 where there are none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return Math.round(value * 1000) / 1000;
}
