import type { Closable } from 'openfaas-sdk-ts';
import type { GateFailure, GateSource, GateVisit } from '../domain/satellites/gate-question.ts';

/**
 * Satellite-gate: which sources of a detector may be published (Sattle's HTTP contract, SATTLE_URI_BASE).
 * It fails closed: the answer is a subset of the ids asked, vouched for by well-formed answers for exactly this visit
 * and detector; anything else is a Fault of the dependency `sattle`, whose text holds nothing of a source.
 */
export interface SatelliteGate extends Closable {
  /**
   * Ids that may be published (PUT /diasource_allow_list); a replica that does not know the visit is told it
   * (PUT /visit_cache) and asked once more. `failed` hears of every answer that could not be used, those that another
   * replica made good too.
   */
  allowed(
    visit: GateVisit,
    detector: number,
    sources: readonly GateSource[],
    options: { readonly signal?: AbortSignal; failed(reason: GateFailure): void },
  ): Promise<Set<bigint>>;
}
