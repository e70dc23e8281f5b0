import type { Detector, Instrument } from '#shared/domain/ids/instruments.ts';
import type { ReferenceStar } from '#shared/domain/image/reference-star.ts';
import { htmEnvelope } from '#shared/domain/sky/htm.ts';
import { patchesOverlapping } from '#shared/domain/sky/skymap.ts';
import type { Vector } from '#shared/domain/sky/vector.ts';
import { parseReferenceCsv } from '#shared/domain/visit/reference-csv.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';

/** What the pixels of one detector are processed with, as bytes from the products bucket. */
export interface Inputs {
  readonly physicalFilter: string;
  readonly bias?: Uint8Array;
  readonly dark?: Uint8Array;
  readonly flat?: Uint8Array;
  /** crosstalk.json of the detector. */
  readonly crosstalk?: Uint8Array;
  readonly templates: readonly { bytes: Uint8Array }[];
  readonly references: readonly ReferenceStar[];
}

export interface InputsWanted {
  readonly instrument: Instrument;
  readonly detector: Detector;
  readonly physicalFilter: string;
  readonly band: string;
  /** YYYYMMDD: calibrations are those that were valid that day. */
  readonly dayObs: number;
  /** Predicted region on the sky, padded. */
  readonly region: readonly Vector[];
  readonly catalog: string;
}

/** Finds and reads all inputs of a detector. What is not there is absent; the pixel chain says what it cannot do without. */
export async function loadInputs(
  wanted: InputsWanted,
  products: ObjectStore,
  signal: AbortSignal,
): Promise<Inputs> {
  const calibs = `calibs/${wanted.instrument.name}/${wanted.detector.number}`;
  const calib = (kind: string) => latestCalib(products, `${calibs}/${kind}/`, wanted.dayObs, signal);
  const [bias, dark, flat, crosstalk, templates, references] = await Promise.all([
    calib('bias'),
    calib('dark'),
    calib(`flat-${wanted.physicalFilter}`),
    products.get(`${calibs}/crosstalk.json`, { signal }),
    loadTemplates(wanted, products, signal),
    loadReferences(wanted, products, signal),
  ]);
  return { physicalFilter: wanted.physicalFilter, bias, dark, flat, crosstalk, templates, references };
}

/** The calibration whose first valid day is the latest one not after `dayObs`. */
async function latestCalib(
  products: ObjectStore,
  prefix: string,
  dayObs: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  let latest: string | undefined;
  for await (const { key } of products.list(prefix, { signal })) {
    const validFrom = Number(/\/(\d{8})\.fits$/.exec(key)?.[1] ?? Number.NaN);
    // Keys come in ascending order, so the last one that fits is the latest.
    if (validFrom <= dayObs) latest = key;
  }
  return latest === undefined ? undefined : products.get(latest, { signal });
}

async function loadTemplates(
  { instrument, band, region }: InputsWanted,
  products: ObjectStore,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array }[]> {
  const keys = patchesOverlapping(region).map(
    ({ tract, patch }) => `templates/${instrument.name}/${band}/${tract}/${patch}.fits`,
  );
  const found = await Promise.all(keys.map((key) => products.get(key, { signal })));
  return found.flatMap((bytes) => (bytes ? [{ bytes }] : []));
}

async function loadReferences(
  { band, region, catalog }: InputsWanted,
  products: ObjectStore,
  signal: AbortSignal,
): Promise<ReferenceStar[]> {
  const keys = htmEnvelope(region, 7).map((trixel) => `refcats/${catalog}/${trixel}.csv`);
  const shards = await Promise.all(keys.map((key) => products.get(key, { signal })));
  return shards.flatMap((bytes) => (bytes ? parseReferenceCsv(Buffer.from(bytes).toString(), band) : []));
}
