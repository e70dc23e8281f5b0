import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHeader } from '#shared/domain/fits/card-writer.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import type { Detection } from '../../support/imaging/score.ts';
import { type Spent, timed } from './program.ts';
import type { SceneFiles } from './scene-files.ts';

/** What one program of the chain took. */
export interface Step extends Spent {
  readonly program: string;
}

/** In units of the noise map's (unfiltered) rms; 0.9 has about the completeness of a matched filter's 5 sigma. */
export const THRESHOLDS = [0.9, 1.0, 1.1] as const;
export type Threshold = (typeof THRESHOLDS)[number];

const configuration = (name: string): string => join(import.meta.dirname, name);

/** Debian's place of what comes with Source Extractor. */
const FILTER = '/usr/share/source-extractor/gauss_4.0_7x7.conv';

/**
 * funpack, SWarp and hotpants (where there is its binary; else the plain difference of the aligned images, made here and
 * not counted): files for Source Extractor in the scene's folder.
 */
export async function subtractInC(scene: SceneFiles, hotpants: string | undefined): Promise<Step[]> {
  const { folder } = scene;
  const steps: Step[] = [];
  const step = async (program: string, args: readonly string[], path = program) => {
    const { cpu, wall } = await timed(path, args, folder);
    steps.push({ program, cpu, wall });
  };
  for (const name of ['science', 'template']) {
    rmSync(join(folder, `${name}.fits`), { force: true });
    await step('funpack', [`${name}.fits.fz`]);
  }
  writeFileSync(join(folder, 'aligned.head'), linesOf(formatHeader(scene.grid)));
  const output = ['-IMAGEOUT_NAME', 'aligned.fits', '-WEIGHTOUT_NAME', 'aligned.weight.fits'];
  await step('SWarp', ['template.fits', '-c', configuration('swarp.conf'), ...output]);
  if (hotpants === undefined) subtractPlainly(folder);
  else await step('hotpants', HOTPANTS, hotpants);
  negate(folder);
  return steps;
}

/** The template convolved, normalised to the image; masked pixels get a noise above which nothing rises. */
const HOTPANTS = [
  ...['-inim', 'science.fits', '-tmplim', 'aligned.fits', '-outim', 'plus.fits', '-oni', 'noise.fits'],
  ...['-c', 't', '-n', 'i', '-nsx', '10', '-nsy', '10', '-r', '10', '-ko', '2', '-bgo', '1'],
  ...['-ng', '3', '6', '0.7', '4', '1.5', '2', '3.0', '-fin', '1e10', '-v', '0'],
  ...['-ig', '1', '-ir', '6', '-iu', '90000', '-tg', '10', '-tr', '19', '-tu', '90000'],
];

/** Source Extractor on both signs of the difference. */
export async function detectInC(
  { folder }: SceneFiles,
  threshold: Threshold,
  hasNoise: boolean,
): Promise<{ steps: Step[]; detections: Detection[] }> {
  const steps: Step[] = [];
  const detections: Detection[] = [];
  const noise = hasNoise ? ['-WEIGHT_TYPE', 'MAP_RMS', '-WEIGHT_IMAGE', 'noise.fits'] : [];
  for (const sign of [1, -1] as const) {
    const { stdout, cpu, wall } = await timed(
      'source-extractor',
      [
        ...[sign > 0 ? 'plus.fits' : 'minus.fits', '-c', configuration('sextractor.conf')],
        ...['-PARAMETERS_NAME', configuration('sextractor.param'), '-FILTER_NAME', FILTER],
        ...['-DETECT_THRESH', String(threshold), '-ANALYSIS_THRESH', String(threshold), ...noise],
      ],
      folder,
    );
    steps.push({ program: 'source-extractor', cpu, wall });
    for (const line of stdout.trim().split('\n')) {
      const [x, y, flux, fluxErr] = line.trim().split(/\s+/).map(Number);
      detections.push({ ...unmeasured, x: x - 1, y: y - 1, snr: (sign * Math.abs(flux)) / fluxErr });
    }
  }
  return { steps, detections };
}

/** The aperture's flux is no more than what the signal-to-noise is told by; dipoles and trails are not looked for. */
const unmeasured = { flux: null, fluxErr: null, isDipole: false, trailLength: null, trailAngle: null };

/** A header as SWarp reads it: a line a card. */
function linesOf(block: Uint8Array): string {
  const text = Buffer.from(block).toString('latin1');
  return `${text
    .match(/.{80}/g)
    ?.map((card) => card.trimEnd())
    .filter(Boolean)
    .join('\n')}\n`;
}

function pixelsOf(path: string) {
  const image = readFits(readFileSync(path), { verifyChecksums: false }).find((hdu) => hdu.image)?.image;
  if (image === undefined) throw new Error(`${path} holds no image`);
  return { ...image, pixels: Float32Array.from(image.pixels) };
}

function subtractPlainly(folder: string): void {
  const science = pixelsOf(join(folder, 'science.fits'));
  const aligned = pixelsOf(join(folder, 'aligned.fits'));
  const pixels = science.pixels.map((value, i) => value - aligned.pixels[i]);
  writeFileSync(join(folder, 'plus.fits'), writeFits([{ header: [], image: { ...science, pixels } }]));
}

function negate(folder: string): void {
  const plus = pixelsOf(join(folder, 'plus.fits'));
  const image = { ...plus, pixels: plus.pixels.map((value) => -value) };
  writeFileSync(join(folder, 'minus.fits'), writeFits([{ header: [], image }]));
}
