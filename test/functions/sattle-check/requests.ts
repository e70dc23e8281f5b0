import { gzipSync } from 'node:zlib';
import { type RunningFunction, type StartOptions, startFunction } from 'openfaas-sdk-ts';
import { buildSnapshot } from '#shared/domain/satellites/build-snapshot.ts';
import { parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { separationArcsec, toRaDec } from '#shared/domain/sky/vector.ts';
import { mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { elementFileOf, nightElements } from '../../../cli/simulator/satellite-catalog.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { fieldDisc, satelliteStreaks } from '../../../cli/simulator/streaks.ts';
import { planNight, type Visit } from '../../../cli/simulator/survey-plan.ts';
import { mjdTai } from '../../../cli/simulator/tai.ts';
import sattleCheck from '../../../functions/sattle-check/handler.ts';

/** A simulated night, its satellites and their catalogue. */
export const plan = planNight({ camera: 'SimCam', seed: 7, visits: 24 });
const elements = nightElements(plan, 0);
const file = elementFileOf(plan, 0, elements);
const draft = buildSnapshot({
  asOf: mjdUtcFromUnixMs(file.givenMs),
  sources: [{ name: 'elements', private: false, elements: parseElementFile(file.text, 'elements').elements }],
  nonce: '',
});
export const { entry } = draft;
export const bytes = gzipSync(draft.publicLines);

/** A place in a visit's field that a satellite crosses while it is exposed. */
export function crossedPlace(told: Visit): Place {
  const inField = (place: Place) =>
    separationArcsec(place.raDeg, place.decDeg, told.raDeg, told.decDeg) < 600;
  const place = streakPaths(told, 15).flat().find(inField);
  if (!place) throw new Error(`No satellite crosses visit ${told.visit}.`);
  return place;
}

export interface Change {
  readonly entry?: Partial<typeof entry>;
  readonly bytes?: Uint8Array | 'none';
}

/** Makes the products bucket list one snapshot: the simulator's, altered as a test wishes. */
export async function publish(products: ObjectStore, change: Change = {}): Promise<void> {
  const listed = { ...entry, ...change.entry };
  const stored = change.bytes ?? bytes;
  if (stored !== 'none') await products.put(listed.key, stored);
  const index = JSON.stringify({ snapshots: [listed] });
  await products.put('satellites/snapshots/index.json', Buffer.from(index));
}

/** Makes the products bucket list these entries, whose objects are there. */
export const list = (products: ObjectStore, entries: readonly (typeof entry)[]) =>
  products.put('satellites/snapshots/index.json', Buffer.from(JSON.stringify({ snapshots: entries })));

/** The function on a data folder, silent unless `options` say where its log goes. */
export async function start(
  data: string,
  variables: Record<string, string> = {},
  options: Omit<StartOptions, 'environment'> = {},
): Promise<RunningFunction> {
  const level = options.logTo ? 'info' : 'silent';
  const environment = { NIGHTSHIFT_DATA: data, LOG_LEVEL: level, ...variables };
  const fn = startFunction(sattleCheck, { environment, ...options });
  await fn.ready();
  return fn;
}

/** Where a function's log goes, and all that it wrote. */
export function logBook() {
  const lines: string[] = [];
  return {
    logTo: { write: (line: string) => void lines.push(line) },
    text: () => lines.join(''),
    entries: (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line)),
  };
}

export async function put(
  fn: RunningFunction,
  path: string,
  body: string,
  headers: Record<string, string> = {},
) {
  const answer = await fn.app.request(path, { method: 'PUT', body, headers });
  return { status: answer.status, text: await answer.text() };
}

/** The samples of the function's metrics, without its name: `name{label="value"}` to number. */
export async function samples(fn: RunningFunction): Promise<Map<string, number>> {
  const text = await fn.metrics.metrics();
  const lines = [...text.matchAll(/^(\w+)\{?([^}\n]*)\}? (\S+)$/gm)];
  return new Map(
    lines.map(([, name, labels, value]) => {
      const own = labels.split(',').filter((label) => label !== '' && !label.startsWith('fn='));
      return [own.length > 0 ? `${name}{${own.join(',')}}` : name, Number(value)];
    }),
  );
}

/** What Rubin's client sends to visit_cache, other columns as a test wishes. */
export const visitBody = (told: Visit, columns: Record<string, unknown> = {}): string =>
  JSON.stringify({
    visit_id: Number(told.visit),
    exposure_start_mjd: mjdTai(told.begin),
    exposure_end_mjd: mjdTai(told.end),
    boresight_ra: told.raDeg,
    boresight_dec: told.decDeg,
    historical: false,
    ...columns,
  });

export interface Place {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** A source with a box of 4" around a place, as Rubin's client writes it. */
export function source(id: bigint, { raDeg, decDeg }: Place): string {
  const corners = [
    [-2, -2],
    [2, -2],
    [2, 2],
    [-2, 2],
  ].map(([east, north]) => {
    const corner = offsetBy(raDeg, decDeg, east, north);
    return [corner.raDeg, corner.decDeg];
  });
  return `{"diasource_id": ${id}, "bbox": ${JSON.stringify(corners)}}`;
}

export const query = (told: Visit, sources: readonly string[], detector = 4): string =>
  `{"visit_id": ${told.visit}, "detector_id": ${detector}, "diasources": [${sources.join(', ')}]}`;

export const answer = (told: Visit, allowed: readonly bigint[], detector = 4): string =>
  `{"visit_id": ${told.visit}, "detector_id": ${detector}, "allow_list": [${allowed.join(', ')}]}`;

/** Above 2^53, and odd: as a double they would be other ids. */
export const idOf = (index: number): bigint => 169_760_235_333_878_021n + 2n * BigInt(index);

/** Where the simulator's satellites are seen up to so many seconds from the middle of the exposure, every 0.5 s. */
export function streakPaths(told: Visit, halfSeconds: number): Place[][] {
  const field = fieldDisc(plan.instrument, told);
  const streaks = satelliteStreaks(elements, told, field, plan.instrument.observer);
  return streaks.map((streak) =>
    Array.from({ length: 4 * halfSeconds + 1 }, (_, step) =>
      toRaDec(streak.directionAt(step / 2 - halfSeconds)),
    ),
  );
}
