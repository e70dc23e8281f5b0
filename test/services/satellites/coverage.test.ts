import { beforeAll, describe, expect, it } from 'vitest';
import { pythonWithPackages } from '../../support/python.ts';
import {
  type Judged,
  judgePointing,
  readSatellites,
  truthOfPointings,
} from '../../support/satellite-pointings.ts';
import { obtain } from '../../support/services/availability.ts';
import { sharedData } from '../../support/shared-data.ts';

const catalog = sharedData('satellites', 'catalog-2022-08.tle');
const truth = await obtain(pythonWithPackages);

/** `npm run accept -- satellites` asks the same of 400 pointings. */
describe.skipIf(!truth || catalog === undefined)('ten random pointings over the real catalogue', () => {
  let judged: Judged[] = [];

  beforeAll(async () => {
    const satellites = readSatellites(catalog!);
    const truths = await truthOfPointings(catalog!, { seed: 2, first: 0, count: 10, boxes: 1000 });
    judged = truths.map((truth) => judgePointing(satellites, truth));
  });

  it('have every crossing satellite in a corridor all the way', () => {
    const crossers = judged.flatMap(({ truth, covered }) =>
      truth.crossers.map(({ places }, k) => ({ places: places.length, covered: covered[k] })),
    );
    expect(crossers.length).toBeGreaterThan(5);
    for (const { places, covered } of crossers) expect(covered).toBe(places);
  });

  it('let nearly all sources pass that lie farther than 60" from every path', () => {
    const removed = judged.map(({ removedByFresh }) => removedByFresh);
    expect(removed.reduce((sum, part) => sum + part, 0) / removed.length).toBeLessThan(0.01);
    for (const { truth } of judged) expect(truth.boxes.length).toBeGreaterThan(900);
  });

  it('lose the element sets that sgp4 does, and those of what has come down, which it moves away', () => {
    for (const { lost, truth } of judged) {
      // 600 by sgp4, and 80 whose places are beyond twice their apogee.
      expect(lost).toBeGreaterThan(truth.lost - 10);
      expect(lost).toBeLessThan(truth.lost + 100);
    }
  });
});
