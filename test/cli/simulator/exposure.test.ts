import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { numberOf, requireText } from '#shared/domain/fits/header.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { exposureTimes } from '#shared/domain/time/exposure-times.ts';
import { chordOn } from '../../../cli/simulator/chord.ts';
import { expose } from '../../../cli/simulator/exposure.ts';
import { frameOf } from '../../../cli/simulator/frame.ts';
import { conditionsOf } from '../../../cli/simulator/observation.ts';
import { detectorsOf } from '../../../cli/simulator/observatory-data.ts';
import { rawFile } from '../../../cli/simulator/raw-file.ts';
import { nightElements } from '../../../cli/simulator/satellite-catalog.ts';
import { fieldDisc, satelliteStreaks, uncataloguedStreaks } from '../../../cli/simulator/streaks.ts';
import { planNight } from '../../../cli/simulator/survey-plan.ts';
import type { SourceTruth } from '../../../cli/simulator/truth.ts';
import { sharedData } from '../../support/shared-data.ts';

const plan = planNight({ camera: 'SimCam', seed: 7, visits: 4, detectors: 4 });
const elements = nightElements(plan, 0);
const streaksOf = (index: number) => {
  const visit = plan.visitAt(index);
  return [
    ...satelliteStreaks(elements, visit, fieldDisc(plan.instrument, visit), plan.instrument.observer),
    ...uncataloguedStreaks(plan, visit, conditionsOf(plan.seed, visit)),
  ];
};
const render = (index: number, place: number) => {
  const visit = plan.visitAt(index);
  const detector = detectorsOf(plan)[place];
  const { images, truth } = expose(plan, visit, detector, streaksOf(index));
  return { visit, detector, truth, ...rawFile(plan, visit, detector, images) };
};
/** Kinds of the streaks that cross one detector. */
const chords = (index: number, place: number) => {
  const { optics, detector, disc } = frameOf(plan, plan.visitAt(index), detectorsOf(plan)[place]);
  return streaksOf(index).flatMap((streak) =>
    chordOn(streak, optics.wcs, detector, disc) ? [streak.kind] : [],
  );
};
const first = render(0, 1);
const image = assemble(first.fits, first.detector);
const CHANGING = ['supernova', 'variable', 'asteroid'];

/** Electrons over the overscan, by the sections that the amplifiers' headers give. */
function assemble(fits: Uint8Array, { width, height }: { width: number; height: number }): Float32Array {
  const electrons = new Float32Array(width * height);
  for (const { header, image: raw } of readFits(fits).slice(1)) {
    const section = (keyword: string) => [...requireText(header, keyword).matchAll(/\d+/g)].map(Number);
    const [[x0, x1, y0, y1], [u0, u1, v0, v1], [o0, o1]] = ['DATASEC', 'DETSEC', 'BIASSEC'].map(section);
    for (let y = y0; y <= y1; y++) {
      const line = raw!.pixels.subarray((y - 1) * raw!.width, y * raw!.width);
      let overscan = 0;
      for (const value of line.subarray(o0 - 1, o1)) overscan += value / (o1 - o0 + 1);
      const row = v0 - 1 + Math.sign(v1 - v0) * (y - y0);
      for (let x = x0; x <= x1; x++) {
        const column = u0 - 1 + Math.sign(u1 - u0) * (x - x0);
        electrons[row * width + column] = (line[x - 1] - overscan) * numberOf(header, 'GAIN')!;
      }
    }
  }
  return electrons;
}

const away = (a: SourceTruth, b: SourceTruth) => Math.hypot(a.x - b.x, a.y - b.y);

/** Centroid under a Gaussian window of sigma 2 px, and electrons within 12 px, over the median around. */
function measure({ x, y }: SourceTruth) {
  const cut: number[] = [];
  const each = (reach: number, visitPixel: (dx: number, dy: number, value: number) => void) => {
    for (let row = Math.round(y) - reach; row <= Math.round(y) + reach; row++) {
      for (let column = Math.round(x) - reach; column <= Math.round(x) + reach; column++)
        visitPixel(column - x, row - y, image[row * first.detector.width + column]);
    }
  };
  each(18, (dx, dy, value) => Math.hypot(dx, dy) > 14 && cut.push(value));
  const sky = cut.sort((a, b) => a - b)[cut.length >> 1];
  let [cx, cy, electrons] = [0, 0, 0];
  for (let pass = 0; pass < 6; pass++) {
    let [sum, sumX, sumY] = [0, 0, 0];
    each(8, (dx, dy, value) => {
      const weighted = (value - sky) * Math.exp(-((dx - cx) ** 2 + (dy - cy) ** 2) / 8);
      sum += weighted;
      sumX += weighted * (dx - cx);
      sumY += weighted * (dy - cy);
    });
    cx += (2 * sumX) / sum;
    cy += (2 * sumY) / sum;
  }
  each(12, (dx, dy, value) => {
    if (Math.hypot(dx, dy) <= 12) electrons += value - sky;
  });
  return { offset: Math.hypot(cx, cy), electrons };
}

describe('a raw', () => {
  it('is the same bytes however often it is rendered', () => {
    const again = render(0, 1);
    expect(Buffer.compare(again.fits, first.fits)).toBe(0);
    expect(Buffer.compare(again.json, first.json)).toBe(0);
    expect(again.truth).toEqual(first.truth);
  });

  it('has 16 amplifiers of 164 x 528 pixels', () => {
    const amplifiers = readFits(first.fits).slice(1);
    expect(amplifiers.map((hdu) => [hdu.image?.width, hdu.image?.height])).toEqual(
      Array(16).fill([164, 528]),
    );
  });

  it('gives the times of its visit, in TAI', () => {
    const sidecar = JSON.parse(Buffer.from(first.json).toString());
    const middle = (first.visit.begin + first.visit.end) / 2 / 86_400_000 + 40_587;
    expect(exposureTimes(sidecar).midpointMjdTai).toBeCloseTo(middle, 9);
    expect(exposureTimes(readFits(first.fits)[0].header).midpointMjdTai).toBeCloseTo(middle, 9);
  });

  const real = sharedData('headers', 'LSSTCam-MC_O_20250609_000578_R01_S01.json');
  it.skipIf(!real)('has the keywords of a real primary header, and values of the same type', () => {
    const header = JSON.parse(readFileSync(real!, 'utf8'));
    const keywords = Object.keys(header);
    const primary = keywords
      .slice(0, keywords.indexOf('XTENSION'))
      .filter((keyword) => keyword !== 'COMMENT');
    const sidecar = JSON.parse(Buffer.from(first.json).toString());
    for (const keyword of primary) {
      const ours = sidecar[keyword.startsWith('STUTTER') ? `HIERARCH.${keyword.replace(' ', '.')}` : keyword];
      expect([keyword, ours === undefined]).toEqual([keyword, false]);
      if (ours !== null && header[keyword] !== null)
        expect([keyword, typeof ours]).toEqual([keyword, typeof header[keyword]]);
    }
  });
});

describe('the truth table', () => {
  const inside = ({ x, y }: SourceTruth) => x > 30 && y > 30 && x < 994 && y < 994;
  const isolated = first.truth.filter(
    (source) =>
      source.kind === 'star' &&
      source.snr > 150 &&
      source.snr < 1000 &&
      inside(source) &&
      first.truth.every(
        (other) => other === source || away(other, source) > 16 || other.snr < source.snr / 200,
      ),
  );

  it('says where stars are', () => {
    expect(isolated.length).toBeGreaterThan(5);
    const offsets = isolated.map((star) => measure(star).offset).sort((a, b) => a - b);
    expect(offsets[offsets.length >> 1]).toBeLessThan(0.05);
  });

  it('says how bright stars are', () => {
    const { electronsPerNjy } = conditionsOf(plan.seed, first.visit);
    const ratios = isolated
      .map((star) => measure(star).electrons / (star.flux * electronsPerNjy))
      .sort((a, b) => a - b);
    // 12 pixels hold 98 to 99 % of the Moffat profile; vignetting takes up to 4 %.
    expect(ratios[ratios.length >> 1]).toBeGreaterThan(0.93);
    expect(ratios[ratios.length >> 1]).toBeLessThan(1.01);
  });

  it.each([
    [0, 0],
    [1, 2],
    [2, 3],
  ])('has what a night needs, in visit %i on detector %i', (index, place) => {
    const { truth } = render(index, place);
    const changed = truth.filter(
      (source) => CHANGING.includes(source.kind) && source.snr >= 10 && inside(source),
    );
    const fixed = changed.filter((source) => source.kind !== 'asteroid');
    const stars = truth.filter(({ kind, snr, saturated }) => kind === 'star' && snr > 50 && !saturated);
    expect(changed.filter((source) => source.snr <= 30).length).toBeGreaterThanOrEqual(20);
    expect(changed.filter((source) => source.hosted).length / changed.length).toBeGreaterThan(0.35);
    expect(changed.some((source) => source.flux < 0)).toBe(true);
    expect(fixed.every((a) => fixed.every((b) => a === b || away(a, b) >= 40))).toBe(true);
    expect(stars.length).toBeGreaterThanOrEqual(60);
  });

  it('keeps supernovae where they are from visit to visit', () => {
    const places = (truth: readonly SourceTruth[]) =>
      new Map(truth.filter(({ kind }) => kind === 'supernova').map((each) => [each.id, each]));
    const [one, two] = [places(first.truth), places(render(2, 1).truth)];
    const both = [...one.values()].filter((each) => two.has(each.id));
    expect(both.length).toBeGreaterThan(15);
    for (const each of both) expect(two.get(each.id)!.raDeg).toBe(each.raDeg);
  });

  it('says where streaks are', () => {
    for (const [index, kind] of [
      [1, 'satellite'],
      [2, 'uncatalogued'],
    ] as const) {
      const place = detectorsOf(plan).findIndex((_, at) => chords(index, at).includes(kind));
      const { fits, truth, detector } = render(index, place);
      const streak = truth.find((source) => source.kind === kind)!;
      const pixels = assemble(fits, detector);
      const [from, to] = streak.ends!;
      const length = Math.hypot(to.x - from.x, to.y - from.y);
      const across = { x: (from.y - to.y) / length, y: (to.x - from.x) / length };
      const profile = Array.from({ length: 41 }, (_, at) => at - 20).map((distance) => {
        const along = Array.from({ length: 60 }, (_, step) => (step + 0.5) / 60).map((part) => {
          const x = Math.round(from.x + (to.x - from.x) * part + across.x * distance);
          const y = Math.round(from.y + (to.y - from.y) * part + across.y * distance);
          return x < 0 || y < 0 || x > 1023 || y > 1023 ? Number.NaN : pixels[y * 1024 + x];
        });
        const seen = along.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
        return seen[seen.length >> 1];
      });
      const brightest = profile.indexOf(Math.max(...profile)) - 20;
      expect(Math.abs(brightest)).toBeLessThanOrEqual(1);
    }
  });
});
