import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { decamPairs, differenceDecam, injectInto, seenTwice } from '../../support/decam-injections.ts';
import type { Harvest } from './plates.ts';
import { samplesOf } from './samples.ts';

/** Injections of training have seeds from here on; those of `accept -- decam` are below. */
const FIRST_SEED = 10_000;

/** Real pixels with injected point sources. What both pairs show without them is real, what only one shows is not. */
export function harvestDecam(rounds: number): Harvest[] {
  const pairs = decamPairs().map((pair) => ({ pair, plain: differenceDecam(createWorkspace(), pair) }));
  const workspace = createWorkspace();
  return pairs.flatMap(({ pair, plain }, k) => {
    const known = seenTwice(plain, pairs[1 - k].plain).map(({ x, y, snr, isNegative }) => ({
      x,
      y,
      snr: snr ?? 0,
      flux: isNegative ? -1 : 1,
    }));
    return Array.from({ length: rounds }, (_, round) => {
      const { pair: filled, injections } = injectInto(pair, plain, 12, FIRST_SEED + round);
      const result = differenceDecam(workspace, filled);
      const samples = samplesOf(result, result.sources, injections, known, 'DECam');
      return { samples, changes: injections };
    });
  });
}
