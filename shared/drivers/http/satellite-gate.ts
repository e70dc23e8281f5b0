import { exactJson, parseExactJson } from '../../domain/json/exact.ts';
import type { GateSource, GateVisit, SatelliteGate } from '../../ports/satellite-gate.ts';
import { type Answer, parseJson, request, unusable } from './request.ts';

const dependency = 'sattle';
const timeoutMs = 5000;
const tries = 2;
/** Some 210 bytes a source: what the original's server reads at most is 1 MiB (aiohttp's default). */
const sourcesAtOnce = 4000;

/** Sattle's HTTP contract (SATTLE_URI_BASE); ids are bare JSON integers of 64 bits, as the original sends them. */
export function httpSatelliteGate({ url }: { url: string }): SatelliteGate {
  const base = url.replace(/\/$/, '');
  const put = (path: string, body: string, signal?: AbortSignal): Promise<Answer> =>
    insist(() => request(dependency, `${base}${path}`, { method: 'PUT', body, timeoutMs, signal }), signal);

  const announceVisit: SatelliteGate['announceVisit'] = async (visit, { signal }) => {
    const answer = await put('/visit_cache', visitBody(visit), signal);
    if (answer.status !== 200) throw unusable(dependency, answer, 'when it is told of a visit');
  };
  return {
    announceVisit,
    async allowed(visit, detector, sources, { signal }) {
      const allowed = new Set<bigint>();
      for (let from = 0; from < sources.length; from += sourcesAtOnce) {
        const some = sources.slice(from, from + sourcesAtOnce);
        const body = listBody(visit, detector, some);
        let answer = await put('/diasource_allow_list', body, signal);
        if (answer.status === 404) {
          await announceVisit(visit, { signal });
          answer = await put('/diasource_allow_list', body, signal);
        }
        for (const id of readAllowList(answer, visit, detector, some)) allowed.add(id);
      }
      return allowed;
    },
    async close() {},
  };
}

/** A second try for what did not answer at all; an answer, whatever it says, is one. */
async function insist<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === tries || signal?.aborted) throw error;
    }
  }
}

const visitBody = (visit: GateVisit): string =>
  exactJson({
    visit_id: visit.visit,
    exposure_start_mjd: visit.beginMjdTai,
    exposure_end_mjd: visit.endMjdTai,
    boresight_ra: visit.boresightRaDeg,
    boresight_dec: visit.boresightDecDeg,
    historical: false,
  });

const listBody = ({ visit }: GateVisit, detector: number, sources: readonly GateSource[]): string =>
  exactJson({
    visit_id: visit,
    detector_id: detector,
    diasources: sources.map(({ diaSourceId, bbox }) => ({ diasource_id: diaSourceId, bbox })),
    historical: false,
  });

/** Only an answer for exactly this question counts: same visit and detector, ids that were asked for, each once. */
function readAllowList(
  answer: Answer,
  { visit }: GateVisit,
  detector: number,
  sources: readonly GateSource[],
): Set<bigint> {
  if (answer.status !== 200) throw unusable(dependency, answer, 'when it is asked for its allow list');
  const body = parseExact(answer);
  if (body.visit_id !== visit) throw unusable(dependency, answer, `which is not about visit ${visit}`);
  if (body.detector_id !== BigInt(detector))
    throw unusable(dependency, answer, `which is not about detector ${detector}`);
  if (!Array.isArray(body.allow_list)) throw unusable(dependency, answer, 'without an allow list');
  const asked = new Set(sources.map(({ diaSourceId }) => diaSourceId));
  const allowed = new Set<bigint>();
  // Asked for a single source, the original's server answers [[id]].
  for (const id of body.allow_list.flat()) {
    if (typeof id !== 'bigint' || !asked.has(id) || allowed.has(id)) {
      throw unusable(dependency, answer, `which lists ${String(id)}, a foreign or repeated id`);
    }
    allowed.add(id);
  }
  return allowed;
}

/** An answer with its integers as bigints, since ids do not fit a double. */
function parseExact(answer: Answer): Record<string, unknown> {
  const value = parseJson(answer.text, parseExactJson);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  throw unusable(dependency, answer, 'which is no JSON object');
}
