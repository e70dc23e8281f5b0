import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textOf } from '#shared/domain/fits/header.ts';
import { detectorByName, findInstrument } from '#shared/domain/ids/instruments.ts';
import { amplifierHeader } from '../../../cli/simulator/raw-header.ts';
import { readOut } from '../../../cli/simulator/read-out.ts';
import { amplifiersOf } from '../../../cli/simulator/sensor.ts';
import { biasPattern } from '../../../cli/simulator/sensor-response.ts';
import { sharedData } from '../../support/shared-data.ts';

const LSSTCam = findInstrument('LSSTCam')!;
const sensors = {
  ITL: detectorByName(LSSTCam, 'R01_S01')!,
  E2V: detectorByName(LSSTCam, 'R22_S11')!,
  SIM: detectorByName(findInstrument('SimCam')!, 'R22_S11')!,
};

it.each(Object.entries(sensors))('reads each pixel of a sensor of type %s once', (_, detector) => {
  const read = new Uint8Array(detector.width * detector.height);
  for (const { firstX, stepX, firstY, stepY, width, height } of amplifiersOf(7, detector)) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++)
        read[(firstY + stepY * row) * detector.width + firstX + stepX * column]++;
    }
  }
  expect(read.every((times) => times === 1)).toBe(true);
});

it('brings charge back to where it was by DATASEC, DETSEC, overscan and GAIN alone', () => {
  const detector = sensors.SIM;
  const { width, height } = detector;
  const pixels = Float32Array.from({ length: width * height }, (_, at) => 20 * ((at * 7919) % 1009));
  const images = readOut(7, detector, amplifiersOf(7, detector), { width, height, pixels }, 'test');
  let worst = 0;
  for (const { amplifier, pixels: raw } of images) {
    const header = amplifierHeader(detector, amplifier);
    const section = (keyword: string) => [...`${textOf(header, keyword)}`.matchAll(/\d+/g)].map(Number);
    const [x0, x1, y0, y1] = section('DATASEC');
    const [u0, u1, v0, v1] = section('DETSEC');
    const [o0, o1] = section('BIASSEC');
    const pattern = biasPattern(7, detector, amplifier);
    for (let y = y0; y <= y1; y++) {
      const line = raw.subarray((y - 1) * amplifier.rawWidth, y * amplifier.rawWidth);
      const overscan = line.subarray(o0 - 1, o1).reduce((sum, value) => sum + value, 0) / (o1 - o0 + 1);
      const v = v0 + Math.sign(v1 - v0) * (y - y0);
      for (let x = x0; x <= x1; x++) {
        const u = u0 + Math.sign(u1 - u0) * (x - x0);
        const fixed = pattern[(y - y0) * amplifier.width + x - x0];
        const electrons = (line[x - 1] - overscan - fixed) * amplifier.gain;
        worst = Math.max(worst, Math.abs(electrons - pixels[(v - 1) * width + u - 1]));
      }
    }
  }
  // Seven sigma of read noise (6.3) and overscan's mean (1.1).
  expect(worst).toBeLessThan(45);
});

const realHeader = sharedData('headers', 'LSSTCam-MC_O_20250609_000578_R01_S01.json');
it.skipIf(!realHeader)('describes an ITL amplifier as the real header does', () => {
  const real = JSON.parse(readFileSync(realHeader!, 'utf8'));
  const header = amplifierHeader(sensors.ITL, amplifiersOf(7, sensors.ITL)[0]);
  const ours = Object.fromEntries(header.map(({ keyword, value }) => [keyword, value]));
  const geometry =
    /^(CHANNEL|EXTNAME|CCDSUM|D(ATA|ET)SEC|DETSIZE|DT[VM].*|(WCSNAME|CTYPE.|PC._.|CDELT.|CRPIX.|CRVAL.)[ACEFBQR])$/;
  const inAmplifier = Object.keys(real).slice(Object.keys(real).indexOf('CHANNEL'));
  const compared = inAmplifier.filter((keyword) => geometry.test(keyword));
  expect(compared.length).toBeGreaterThan(90);
  for (const keyword of compared) expect([keyword, ours[keyword]]).toEqual([keyword, real[keyword]]);
});

it('reads E2V sensors from the other side above the middle', () => {
  const [segment10, , , , , , , , segment07] = amplifiersOf(7, sensors.E2V).map((amplifier) =>
    amplifierHeader(sensors.E2V, amplifier),
  );
  expect(textOf(segment10, 'DATASEC')).toBe('[11:522,1:2002]');
  expect(textOf(segment10, 'DETSEC')).toBe('[512:1,1:2002]');
  expect(textOf(segment07, 'DETSEC')).toBe('[3585:4096,4004:2003]');
});
