import { gzipSync } from 'node:zlib';
import { alertKey } from '#shared/domain/alert/archive-key.ts';
import { type Alert, buildAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import { packStamp } from '#shared/domain/alert/stamps.ts';
import { packDiaSourceId } from '#shared/domain/ids/dia-source-id.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import { type LedgerEntry, ledgerRecord, ledgerTopic, type Step } from '#shared/domain/ledger/entry.ts';
import { snapshotIndexKey } from '#shared/domain/satellites/snapshot.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { requireAppended } from '#shared/ports/log-writer.ts';
import { writeNight } from '../../cli/supervisor/night-file.ts';
import { someForcedSource, someObject, someSource } from './alert-rows.ts';

/** When the made-up night began, Unix ms. */
export const nightBeginMs = Date.UTC(2026, 2, 6, 9, 0, 0);

/** The same moment of the sky, by the night's own clock. */
const skyBeginMs = Date.UTC(2026, 2, 6, 1, 30);

export const groupOf = (index: number): string =>
  `2026-03-06T01:${String(30 + index).padStart(2, '0')}:00.456#+1`;
export const visitOf = (index: number): bigint => BigInt(2026030500001 + index);
export const alertIdOf = (index: number, detector: number, counter: number): bigint =>
  packDiaSourceId({ dayObs: 20260305, seqNum: 1 + index, detector, releaseId: 1, counter });

/** Steps of a detector that went through, with their times in seconds after the visit was announced. */
const wholeWay: readonly (readonly [Step, number])[] = [
  ['wanted', 0],
  ['arrived', 62],
  ['claimed', 62.2],
  ['measured', 70],
  ['gated', 70.4],
  ['written', 71.5],
  ['announced', 71.7],
  ['done', 72.1],
  ['published', 74],
  ['archived', 75],
];

export interface MadeDetector {
  /** The visit's place in the night. */
  readonly index: number;
  readonly detector: number;
  readonly until: Step;
  readonly alerts?: number;
  readonly cause?: string;
  /** Slower than usual by so many seconds. */
  readonly delay?: number;
  readonly instrument?: string;
}

/** Ledger entries of a detector up to a step, as the functions write them. */
export function entriesOf(made: MadeDetector): LedgerEntry[] {
  const { index, detector, until, alerts = 2, cause, delay = 0, instrument = 'SimCam' } = made;
  const slot = slotText({ instrument, group: groupOf(index), detector });
  const begin = nightBeginMs + index * 37_000;
  const visit = visitOf(index);
  const place = wholeWay.findIndex(([step]) => step === until);
  const steps = wholeWay.slice(0, place < 0 ? (until === 'expired' ? 1 : 3) : place + 1);
  const way = place < 0 ? [...steps, [until, 80] as const] : steps;
  return way.map(
    ([step, seconds]): LedgerEntry => ({
      step,
      detector,
      attempt: 1,
      timeMs: begin + 1000 * (seconds + (seconds > 62 ? delay : 0)) + 37 * detector,
      // archive-write sees alerts only, so that it knows no slot.
      ...(step !== 'archived' && { slot }),
      ...(step !== 'wanted' && step !== 'expired' && { visit }),
      ...(step === 'gated' && {
        counts: { sources: alerts, satellites: detector % 3, trails: detector % 2 },
      }),
      ...((step === 'written' || step === 'published') && { counts: { alerts } }),
      ...(step === 'archived' && { counters: Array.from({ length: alerts }, (_, n) => n + 1) }),
      ...(step === until && cause !== undefined && { cause }),
    }),
  );
}

/** A point source of this flux in noise of 27 nJy a pixel, which is 185 nJy in its flux, beside a galaxy, as three stamps. */
function stampsOf(
  flux: number,
  seed: number,
): { difference: Uint8Array; science: Uint8Array; template: Uint8Array } {
  const side = 31;
  const next = noise(seed);
  const draw = (point: number, galaxy: number) => {
    const pixels = new Float32Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const star = Math.exp(-((x - 15) ** 2 + (y - 15) ** 2) / (2 * 1.9 ** 2)) / (2 * Math.PI * 1.9 ** 2);
        const far = Math.exp(-Math.sqrt((x - 19) ** 2 + ((y - 11) / 0.6) ** 2) / 3);
        pixels[y * side + x] = point * star + galaxy * far + 27 * next();
      }
    }
    // The stamp is at the sensor's edge: its last columns have no pixel.
    if (seed % 5 === 0) for (let i = 0; i < side * side; i++) if (i % side > 26) pixels[i] = Number.NaN;
    return packStamp({
      minX: 497,
      minY: 1009,
      side,
      pixels,
      variance: new Float32Array(side * side).fill(27 ** 2),
      psf: { width: 1, height: 1, pixels: Float64Array.of(1) },
      wcs: { crvalDeg: [53.25, -27.5], crpix: [512, 1024], cd: rotated(25) },
      x: 512,
      y: 1024,
    });
  };
  const galaxy = 700;
  return {
    difference: draw(flux, 0),
    science: draw(flux + 1500, galaxy),
    template: draw(1500, galaxy),
  };
}

/** 0.2" a pixel, the position angle of up being this. */
function rotated(degrees: number): [number, number, number, number] {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const pixel = 0.2 / 3600;
  return [-pixel * cos, pixel * sin, pixel * sin, pixel * cos];
}

/** Normal deviates enough for the eye, the same each time. */
function noise(seed: number): () => number {
  let state = (seed * 2654435761) % 2 ** 32;
  const uniform = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, 0) - 6;
}

/** An alert of a variable that was seen six times in three bands, ten days long. */
export function someAlert(index: number, detector: number, counter: number, flux = 2400): Alert {
  const diaSourceId = alertIdOf(index, detector, counter);
  const midpointMjdTai = 61105.0625 + index * (37 / 86400);
  const diaObjectId = diaSourceId - (10n << 34n);
  const place = { ra: 53.25 + counter / 1000, dec: -27.5 - detector / 1000, diaObjectId };
  const bands = ['g', 'r', 'i'];
  const history = [-9.9, -7.1, -4, -2.9, -0.9].map((days, n) => ({
    ...place,
    midpointMjdTai: midpointMjdTai + days,
    band: bands[n % 3]!,
    psfFlux: flux * (0.3 + 0.13 * n),
    psfFluxErr: 190,
    visit: visitOf(0) - BigInt(1000 * (5 - n)),
  }));
  const sources = history.map((row, n) =>
    someSource({ ...row, diaSourceId: diaObjectId + (BigInt(n) << 33n) }),
  );
  const forcedSources = [-12.2, -11.1, -10.3, -9.9, -7.1, -4, -2.9, -0.9].map((days, n) =>
    someForcedSource({
      ...place,
      diaForcedSourceId: diaObjectId + BigInt(n + 1),
      midpointMjdTai: midpointMjdTai + days + 0.03,
      band: bands[(n + 1) % 3]!,
      psfFlux: n < 3 ? 120 * (n - 1) : flux * (0.2 + 0.1 * n),
      psfFluxErr: 205,
    }),
  );
  return buildAlert({
    diaSource: someSource({
      ...place,
      diaSourceId,
      visit: visitOf(index),
      detector,
      midpointMjdTai,
      psfFlux: flux,
      psfFluxErr: 185,
      snr: Math.abs(flux) / 185,
      isNegative: flux < 0,
      band: bands[index % 3]!,
    }),
    belongsTo: { diaObject: someObject({ ...place, nDiaSources: 6 }), sources, forcedSources },
    stamps: stampsOf(flux, counter + 10 * detector + 100 * index),
    observationReason: 'science',
    targetName: 'field 12',
  });
}

/** Writes what the functions would: the night's clock, ledger entries, alerts on the topic and in the archive. */
export async function madeNight(data: string) {
  writeNight(data, {
    camera: 'SimCam',
    seed: 7,
    originMs: skyBeginMs,
    atMs: Date.now(),
    speed: 1,
  });
  const log = await sqliteLogWriter({ data });
  const archive = await fileObjectStore({ data, bucket: 'archive', createdEvents: false });
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  return {
    async tell(entries: readonly LedgerEntry[]): Promise<void> {
      requireAppended(await log.append(ledgerTopic, entries.map(ledgerRecord)));
    },
    async publish(alerts: readonly Alert[]): Promise<void> {
      const records = alerts.map((alert) => ({
        value: encodeAlert(alert),
        headers: { id: alert.diaSourceId.toString() },
      }));
      requireAppended(await log.append('lsst-alerts-v11', records));
    },
    /** Puts bytes on a topic that are none of its records. */
    async spoil(topic: string): Promise<void> {
      requireAppended(await log.append(topic, [{ value: 'neither a packet nor an entry' }]));
    },
    async archive(alerts: readonly Alert[]): Promise<void> {
      for (const alert of alerts)
        await archive.put(alertKey(alert.diaSourceId), gzipSync(encodeAlert(alert)), { ifAbsent: true });
    },
    /** Lists a satellite catalogue that is so old when the night begins. */
    async listCatalogue({ id, count, hoursOld }: { id: string; count: number; hoursOld: number }) {
      const asOfUtc = new Date(skyBeginMs - hoursOld * 3_600_000).toISOString().slice(0, -1);
      const epochs = { oldestEpochUtc: asOfUtc, medianEpochUtc: asOfUtc, newestEpochUtc: asOfUtc };
      const entry = {
        id,
        key: `satellites/snapshots/${id}.jsonl.gz`,
        asOfUtc,
        count,
        ...epochs,
        sources: [],
      };
      await products.put(snapshotIndexKey, Buffer.from(JSON.stringify({ snapshots: [entry] })));
    },
    /** Makes its list one that is none. */
    async spoilCatalogue(): Promise<void> {
      await products.put(snapshotIndexKey, Buffer.from('{}'));
    },
    async close(): Promise<void> {
      await Promise.all([log.close(), archive.close(), products.close()]);
    },
  };
}
