import { describe, expect, it } from 'vitest';
import { amplifiersOf, detectorSize, parseSection } from '#shared/domain/image/amplifiers.ts';
import { ImageRefused } from '#shared/domain/image/refusal.ts';
import { amplifierHdu, detectorPlans } from '../../support/amplifier-raw.ts';

describe('sections', () => {
  it('are 1-based, inclusive, and flipped where they count down', () => {
    const section = { x0: 0, x1: 509, y0: 0, y1: 2000, flipX: true, flipY: false };
    expect(parseSection('[509:1,1:2000]')).toEqual(section);
    expect(() => parseSection('[1:2]')).toThrow(ImageRefused);
  });
});

describe('amplifiers', () => {
  const sensor = { prescan: 3, columns: 20, rows: 10, overscan: [8, 4] as const };
  const hdus = detectorPlans(sensor, 2, true).map((plan) => amplifierHdu(plan, () => 0));
  const changed = (keyword: string, value: string) =>
    hdus.map((hdu, k) =>
      k > 0
        ? hdu
        : { ...hdu, header: [...hdu.header.filter((card) => card.keyword !== keyword), { keyword, value }] },
    );

  it('lie on the detector as DETSEC says, from the lowest of them on', () => {
    expect(detectorSize(amplifiersOf(hdus))).toEqual({ width: 40, height: 20 });
    const right = amplifiersOf(hdus.filter((_, k) => k % 2 === 1));
    expect(right.map(({ detector }) => detector.x0)).toEqual([0, 0]);
  });

  it('have a serial overscan behind their data where no BIASSEC says otherwise', () => {
    expect(amplifiersOf(hdus)[0].serial).toMatchObject({ x0: 23, x1: 31, y0: 0, y1: 14 });
    expect(amplifiersOf(changed('BIASSEC', '[25:30,1:10]'))[0].serial).toMatchObject({ x0: 24, x1: 30 });
  });

  it.each([
    ['DATASEC', '[4:99,1:10]', /DATASEC of Segment10 reaches beyond its 31x14 pixels/],
    ['DATASEC', '[0:19,1:10]', /DATASEC of Segment10 reaches beyond/],
    ['BIASSEC', '[24:32,1:10]', /BIASSEC of Segment10 reaches beyond/],
    ['DETSEC', '[20:2,1:10]', /DATASEC and DETSEC of Segment10 differ in size/],
  ])('are refused where %s is %s', (keyword, value, message) => {
    expect(() => amplifiersOf(changed(keyword, value))).toThrow(message);
  });

  it('do not make a detector without bounds', () => {
    const far = changed('DETSEC', '[999999:999980,999990:999999]');
    expect(() => detectorSize(amplifiersOf(far))).toThrow(
      /the detector of DETSEC has 999999x999999 pixels, more than/,
    );
  });
});
