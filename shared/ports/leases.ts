import type { Closable, LeaseSource } from 'openfaas-sdk-ts';

/**
 * Leases by name (`LEASE:{name}`): at most one holder until it expires by the store's own clock.
 * `extend` and `release` by a token that no longer holds it change nothing (`extend` answers false).
 * A lease saves work; correctness never rests on it.
 */
export interface Leases extends LeaseSource, Closable {}
