import type { ArrivalKey } from '#shared/domain/ids/arrival-key.ts';

/** Instruments that the original's presence service accepts. */
const originals = ['LATISS', 'LSSTComCam', 'LSSTComCamSim', 'LSSTCam', 'LSST-TS8'];

export type Question =
  | { readonly kind: 'key'; readonly key: ArrivalKey }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'no route' };

/**
 * Reads what presence is asked for. Instrument and detector are checked as in the original, with two mends: wavefront
 * and guider names (R44_SW0) are accepted, and what goes on behind a name (R22_S119) is not.
 */
export function parseQuestion(
  { instrument, group, snap, detector }: Record<'instrument' | 'group' | 'snap' | 'detector', string>,
  declared: readonly string[],
): Question {
  if (!originals.includes(instrument) && !declared.includes(instrument)) {
    return { kind: 'refused', message: `Unknown instrument ${instrument}` };
  }
  if (!/^R\d\d_S[\dWG]\d$/.test(detector)) {
    return { kind: 'refused', message: `Unrecognized detector name ${detector}` };
  }
  if (!/^\d{1,6}$/.test(snap)) return { kind: 'no route' };
  return { kind: 'key', key: { instrument, group, snap: Number(snap), detector } };
}

/** Seconds of `?wait=`, at most as long as a gateway keeps a request. */
export const parseWait = (text: string | undefined): number =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Math.min(Number(text), 20) : 0;
