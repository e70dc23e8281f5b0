import { exactJson, parseExactJson } from '../json/exact.ts';

/** A visit as the gate is told of it; MJD in TAI, degrees. */
export interface GateVisit {
  readonly visit: bigint;
  readonly beginMjdTai: number;
  readonly endMjdTai: number;
  readonly boresightRaDeg: number;
  readonly boresightDecDeg: number;
  /** Of a past night: judged by the catalogue nearest to the exposure, instead of the newest before its end. */
  readonly historical: boolean;
}

export interface GateSource {
  readonly diaSourceId: bigint;
  /** Four corners of the footprint's bounding box, degrees. */
  readonly bbox: readonly (readonly [raDeg: number, decDeg: number])[];
}

/** One request for an allow list: a detector's sources, or a part of them. */
export interface GateQuestion {
  readonly visit: GateVisit;
  readonly detector: number;
  readonly sources: readonly GateSource[];
}

/**
 * Why a replica's answer could not be used: label `reason` of nightshift_gate_client_failures_total.
 * `no_answer`: no connection, none in time, cut, no HTTP, or too long; `overloaded`: 429; `failing`: 5xx,
 * a stale catalogue's 503 too; `unknown_visit`: 404, though it was told; `unauthorized`: 401 or 403; `refused`: any
 * other status but 200; `unreadable`: 200 with something else than an allow list; `wrong_echo`: of another visit or
 * detector; `foreign_id`: an id that was not asked for, or one twice; `bad_signature`: a wrong one or none;
 * `catalogue_changed`: between two parts of one detector's sources.
 */
export type GateFailure =
  | 'no_answer'
  | 'overloaded'
  | 'failing'
  | 'unknown_visit'
  | 'unauthorized'
  | 'refused'
  | 'unreadable'
  | 'wrong_echo'
  | 'foreign_id'
  | 'bad_signature'
  | 'catalogue_changed';

/** An answer that cannot be used. `why` goes on "the gate answers ..." and holds nothing of a source. */
export interface Unusable {
  readonly reason: GateFailure;
  readonly why: string;
}

/** Body of PUT /visit_cache. */
export const visitBody = (visit: GateVisit): string =>
  exactJson({
    visit_id: visit.visit,
    exposure_start_mjd: visit.beginMjdTai,
    exposure_end_mjd: visit.endMjdTai,
    boresight_ra: visit.boresightRaDeg,
    boresight_dec: visit.boresightDecDeg,
    historical: visit.historical,
  });

/** Body of PUT /diasource_allow_list; ids are bare integers of 64 bits, as the original's client sends them. */
export const questionBody = ({ visit, detector, sources }: GateQuestion): string =>
  exactJson({
    visit_id: visit.visit,
    detector_id: detector,
    diasources: sources.map(({ diaSourceId, bbox }) => ({ diasource_id: diaSourceId, bbox })),
    historical: visit.historical,
  });

/** Reads the body of a 200. Only an answer for exactly this question counts: ids that were asked for, each once. */
export function readAllowList(body: string, question: GateQuestion): readonly bigint[] | Unusable {
  const read = parseObject(body);
  if (!read)
    return { reason: 'unreadable', why: `200 with ${body.length} characters that are no JSON object` };
  if (read.visit_id !== question.visit.visit)
    return { reason: 'wrong_echo', why: `200, not about visit ${question.visit.visit}` };
  if (read.detector_id !== BigInt(question.detector))
    return { reason: 'wrong_echo', why: `200, not about detector ${question.detector}` };
  const list = idsIn(read.allow_list, question.sources.length);
  if (!list) return { reason: 'unreadable', why: '200 without a list of integers as allow_list' };
  const left = new Set(question.sources.map(({ diaSourceId }) => diaSourceId));
  if (!list.every((id) => left.delete(id)))
    return { reason: 'foreign_id', why: '200 with an id in allow_list that was not asked for, or twice' };
  return list;
}

/** Integers as bigints, since ids do not fit a double. Whatever keeps the text from being read (its depth too), it is none. */
function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseExactJson(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Asked for a single source, the original's server answers [[id]]. */
function idsIn(list: unknown, asked: number): readonly bigint[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const flat: readonly unknown[] = asked === 1 && list.length === 1 ? list.flat() : list;
  return flat.every((id) => typeof id === 'bigint') ? flat : undefined;
}

/**
 * What an error status says of itself, for a log: its first line, with every digit masked, since such a text may repeat
 * the ids and places that were asked for.
 */
export function maskedText(body: string): string {
  const [line = ''] = body.trim().split(/[\r\n]/, 1);
  return line.slice(0, 200).replaceAll(/\p{N}/gu, '#');
}
