import { expect, it, onTestFinished } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { detectorCentre } from '../../../cli/simulator/observation.ts';
import { detectorsOf } from '../../../cli/simulator/observatory-data.ts';
import { hasSatellite } from '../../../cli/simulator/satellite-catalog.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { testFolder } from '../../support/folders.ts';
import {
  idOf,
  type Place,
  plan,
  publish,
  put,
  query,
  source,
  start,
  streakPaths,
  visitBody,
} from './requests.ts';

/** Arcseconds from a place to the nearest path, in the plane around the place. */
function distanceToPaths(place: Place, paths: readonly Place[][]): number {
  const inPlane = ({ raDeg, decDeg }: Place) => ({
    x: (raDeg - place.raDeg) * Math.cos((place.decDeg * Math.PI) / 180) * 3600,
    y: (decDeg - place.decDeg) * 3600,
  });
  return Math.min(
    ...paths.flatMap((path) => {
      const points = path.map(inPlane);
      return points.slice(1).map((to, index) => {
        const from = points[index];
        const [dx, dy] = [to.x - from.x, to.y - from.y];
        const part = Math.max(0, Math.min(1, -(from.x * dx + from.y * dy) / (dx * dx + dy * dy)));
        return Math.hypot(from.x + part * dx, from.y + part * dy);
      });
    }),
  );
}

const crossed = Array.from({ length: plan.visits }, (_, index) => plan.visitAt(index)).filter(hasSatellite);

it('removes what lies along the telescope’s streaks and keeps what lies off them, id by id', async () => {
  const data = testFolder();
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  await products.close();
  const fn = await start(data);
  onTestFinished(() => fn.stop());
  let [removed, kept] = [0, 0];
  for (const visit of crossed) {
    expect(await put(fn, '/visit_cache', visitBody(visit))).toEqual({
      status: 200,
      text: `Successfully cached satellites for visit ${visit.visit} using `,
    });
    // The shutter's 30 s, and as long as the gate's padding makes of the 30.95 s that the header tells.
    const [streaks, longer] = [streakPaths(visit, 15), streakPaths(visit, 18)];
    for (const detector of detectorsOf(plan)) {
      const centre = detectorCentre(plan.instrument, detector.number, visit);
      const grid = Array.from({ length: 225 }, (_, index) =>
        offsetBy(centre.raDeg, centre.decDeg, ((index % 15) - 7) * 14, (Math.floor(index / 15) - 7) * 14),
      );
      const sources = grid.map((place, index) => source(idOf(index), place));
      const { status, text } = await put(fn, '/diasource_allow_list', query(visit, sources, detector.number));
      expect(status).toBe(200);
      const allowed = new Set([...text.matchAll(/\d{18}/g)].map(([id]) => BigInt(id)));
      for (const [index, place] of grid.entries()) {
        // A box reaches 2.8" from its middle; the corridor ends at 36" at least and, with elements 10 h old at 550 km,
        // at 136" at most; the two geometries agree within 5".
        const onStreak = distanceToPaths(place, streaks) < 36;
        const offStreak = distanceToPaths(place, longer) > 144;
        if (onStreak) expect(allowed).not.toContain(idOf(index));
        if (offStreak) expect(allowed).toContain(idOf(index));
        removed += Number(onStreak);
        kept += Number(offStreak);
      }
    }
  }
  expect(crossed.length).toBe(6);
  expect(removed).toBeGreaterThan(300);
  expect(kept).toBeGreaterThan(7000);
});
