import type { Closable } from 'openfaas-sdk-ts';

/**
 * Satellite-gate: which sources of a detector may be published (Sattle's HTTP contract, SATTLE_URI_BASE).
 * It fails closed: anything but a well-formed answer for exactly this visit and detector, whose ids are a subset of
 * those sent, is a Fault NS_DEPENDENCY_UNAVAILABLE of the dependency `sattle`.
 */
export interface SatelliteGate extends Closable {
  /** Tells the gate a visit (PUT /visit_cache). */
  announceVisit(visit: GateVisit, options: { signal?: AbortSignal }): Promise<void>;
  /** Ids that may be published (PUT /diasource_allow_list); on 404 it announces the visit and asks once more. */
  allowed(
    visit: GateVisit,
    detector: number,
    sources: readonly GateSource[],
    options: { signal?: AbortSignal },
  ): Promise<Set<bigint>>;
}

export interface GateVisit {
  readonly visit: bigint;
  readonly beginMjdTai: number;
  readonly endMjdTai: number;
  readonly boresightRaDeg: number;
  readonly boresightDecDeg: number;
}

export interface GateSource {
  readonly diaSourceId: bigint;
  /** Four corners of the footprint's bounding box, degrees. */
  readonly bbox: readonly (readonly [raDeg: number, decDeg: number])[];
}
