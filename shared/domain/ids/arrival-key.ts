import { canonicalInstrument } from './instruments.ts';

/** What presence is asked for: one detector's raw of one snap of a group. */
export interface ArrivalKey {
  /** Canonical name, as `LSSTCam`. */
  readonly instrument: string;
  readonly group: string;
  /** From 0: CURINDEX - 1. */
  readonly snap: number;
  /** `R22_S11`. */
  readonly detector: string;
}

/**
 * The key that a raw's sidecar (or its primary header as an object) tells of; undefined where it has no group, as
 * calibrations and the camera's own tests have none.
 */
export function arrivalKeyOf(sidecar: Readonly<Record<string, unknown>>): ArrivalKey | undefined {
  const { INSTRUME, GROUPID, CURINDEX, RAFTBAY, CCDSLOT } = sidecar;
  if (typeof INSTRUME !== 'string' || typeof GROUPID !== 'string' || GROUPID === '') return undefined;
  if (typeof CURINDEX !== 'number' || typeof RAFTBAY !== 'string' || typeof CCDSLOT !== 'string')
    return undefined;
  return {
    instrument: canonicalInstrument(INSTRUME),
    group: GROUPID,
    snap: CURINDEX - 1,
    detector: `${RAFTBAY}_${CCDSLOT}`,
  };
}

/** Redis key of the original: `GROUP:{instrument}:{group}:{snap}:{raft_ccd}`. */
export function arrivalKeyText({ instrument, group, snap, detector }: ArrivalKey): string {
  return `GROUP:${instrument}:${group}:${snap}:${detector}`;
}
