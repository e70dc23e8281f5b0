import { writeFits } from '#shared/domain/fits/write.ts';
import type { Detector } from '#shared/domain/ids/instruments.ts';
import { randomStream } from './random.ts';
import { amplifiersOf } from './sensor.ts';
import { badColumns, biasPattern, responseOf } from './sensor-response.ts';
import type { Plan } from './survey-plan.ts';

/** Read-outs that a bias frame is the mean of, and the relative error of a flat. */
const BIAS_FRAMES = 20;
const FLAT_ERROR = 0.0005;
/** Steps in which the frames are written, a tenth of their noise and less: a third of the bytes. */
const BIAS_STEP_ADU = 0.1;
const FLAT_STEP = 5e-5;
/** Level of a hot column in a bias frame, ADU. */
const HOT_BIAS_ADU = 400;

/** The fixed pattern over the overscan level, ADU, on the detector's pixels. */
export function biasFrame(plan: Plan, detector: Detector): Uint8Array {
  const pixels = new Float32Array(detector.width * detector.height);
  const draw = randomStream(plan.seed, 'bias frame', detector.name);
  for (const amplifier of amplifiersOf(plan.seed, detector)) {
    const pattern = biasPattern(plan.seed, detector, amplifier);
    const noise = amplifier.readNoise / amplifier.gain / Math.sqrt(BIAS_FRAMES);
    for (let row = 0; row < amplifier.height; row++) {
      const start = (amplifier.firstY + amplifier.stepY * row) * detector.width + amplifier.firstX;
      for (let column = 0; column < amplifier.width; column++) {
        const level = pattern[row * amplifier.width + column];
        pixels[start + amplifier.stepX * column] = level + noise * draw.normal();
      }
    }
  }
  for (const { x, firstY, lastY, kind } of badColumns(plan.seed, detector)) {
    if (kind !== 'hot') continue;
    for (let y = firstY; y <= lastY; y++) pixels[y * detector.width + x] += HOT_BIAS_ADU;
  }
  return calibration(plan, detector, 'bias', 'adu', BIAS_STEP_ADU, pixels);
}

/** The relative response in one filter, on the detector's pixels; 0 where a pixel does not work. */
export function flatFrame(plan: Plan, detector: Detector, physicalFilter: string): Uint8Array {
  const pixels = responseOf(plan.seed, plan.instrument, detector, physicalFilter);
  const draw = randomStream(plan.seed, 'flat frame', detector.name, physicalFilter);
  for (let at = 0; at < pixels.length; at++) pixels[at] *= 1 + FLAT_ERROR * draw.normal();
  return calibration(plan, detector, 'flat', '', FLAT_STEP, pixels, physicalFilter);
}

function calibration(
  plan: Plan,
  detector: Detector,
  kind: string,
  unit: string,
  step: number,
  pixels: Float32Array,
  filter?: string,
): Uint8Array {
  const header = [
    { keyword: 'OBSTYPE', value: kind },
    { keyword: 'INSTRUME', value: plan.instrument.name },
    { keyword: 'DETECTOR', value: detector.number },
    { keyword: 'DETNAME', value: detector.name },
    ...(filter === undefined ? [] : [{ keyword: 'FILTER', value: filter }]),
    {
      keyword: 'COMMENT',
      value: 'Assembled: one image on the pixels of the trimmed detector, as DETSEC counts them.',
    },
  ];
  const image = { width: detector.width, height: detector.height, pixels };
  const name = { keyword: 'EXTNAME', value: 'IMAGE' };
  // Pixels that are 0, which do not work, stay so.
  const compression = { dither: 'SUBTRACTIVE_DITHER_2', step } as const;
  return writeFits([{ header }, { header: [name, { keyword: 'BUNIT', value: unit }], image, compression }]);
}
