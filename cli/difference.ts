import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FitsError, textOf } from '#shared/domain/fits/header.ts';
import { type OpenHdu, openFits } from '#shared/domain/fits/open.ts';
import { differencePair, type FrameFacts, factsOf, type PairResult } from '#shared/domain/image/pair.ts';
import { summarisePair } from '#shared/domain/image/pair-summary.ts';
import { rowsOfPlanes, writeProduct } from '#shared/domain/image/products.ts';
import { ImageRefused } from '#shared/domain/image/refusal.ts';
import { sourcesCsv } from '#shared/domain/image/sources-csv.ts';
import { crewedWorkspace } from '../functions/process-detector/strip-threads.ts';
import { differencePreview } from './difference-preview.ts';
import { finite, isoTime, notNegative, positive, threads } from './option-values.ts';
import { readBytes } from './read-bytes.ts';
import { stageProgress, timingTable } from './stage-progress.ts';

interface Options {
  readonly out: string;
  readonly gain?: number;
  readonly readNoise?: number;
  readonly templateGain?: number;
  readonly templateReadNoise?: number;
  readonly saturation?: number;
  readonly zeroPoint?: number;
  readonly scienceSky?: number;
  readonly templateSky?: number;
  readonly dateObs?: string;
  readonly workers: number;
  readonly timing?: true;
}

/** `nightshift difference SCIENCE.fits TEMPLATE.fits --out DIR`. */
export function differenceCommand(): Command {
  return new Command('difference')
    .description('Difference two real images and list what changed.')
    .argument('<science>', 'FITS file of the image in which to look for changes')
    .argument('<template>', 'FITS file of the same field at another time')
    .requiredOption('--out <dir>', 'folder for difference.fits, sources.csv, summary.json and preview.png')
    .option('--gain <e/count>', 'gain of the science image (default: its GAIN)', positive)
    .option('--read-noise <e>', 'read noise of the science image (default: its RDNOISE)', notNegative)
    .option('--template-gain <e/count>', 'gain of the template (default: its GAIN)', positive)
    .option('--template-read-noise <e>', 'read noise of the template (default: its RDNOISE)', notNegative)
    .option(
      '--saturation <count>',
      'level at which a pixel of either is saturated (default: their SATURATE)',
      positive,
    )
    .option(
      '--zero-point <mag>',
      'AB magnitude of one count of the science image: fluxes in nJy (default: counts)',
      finite,
    )
    .option('--science-sky <count>', 'sky level of the science image (default: its AVSKY)', notNegative)
    .option('--template-sky <count>', 'sky level of the template (default: its AVSKY)', notNegative)
    .option('--date-obs <iso>', 'time of the science image (default: its DATE-OBS)', isoTime)
    .option('--workers <n>', 'threads that share the work', threads, 1)
    .option('--timing', 'print what each step took')
    .addHelpText('after', help)
    .action(difference);
}

const help = `
Both images are taken pixel by pixel when their world coordinates (TAN, SIP, TPV) agree or they have none
and one size; else the template is resampled to the science image. Without a sky level the variance comes
from the background's rms, and summary.json says so.

Examples:
  nightshift difference tonight.fits lastyear.fits --out diff
  nightshift difference a.fits b.fits --out diff --gain 4 --read-noise 12 --zero-point 30.5
  nightshift difference a.fits b.fits --out diff --workers 2 --timing

sources.csv has 0-based pixels, degrees, the unit of summary.json, trailLength in arcseconds (pixels where
the images have no world coordinates), and reliability from 0 to 1, of which a night drops what is below 0.5.`;

async function difference(sciencePath: string, templatePath: string, options: Options): Promise<void> {
  const science = readImage(sciencePath);
  const template = readImage(templatePath);
  const facts = { science: scienceFacts(science, options), template: templateFacts(template, options) };
  const { workspace, stop } = crewedWorkspace(options.workers);
  const progress = stageProgress();
  try {
    const pair = { ...facts, zeroPoint: options.zeroPoint };
    const clock = () => performance.now();
    const result = differencePair(workspace, science, template, pair, clock, progress.onStage);
    progress.end();
    const dateObs = options.dateObs ?? textOf(science.header, 'DATE-OBS');
    const summary = summarisePair(result, { science: sciencePath, template: templatePath, dateObs, facts });
    await writeResult(options.out, result, summary);
    if (options.timing) console.log(timingTable(result.timingMs));
    console.log(
      `${result.sources.length} sources; noise ${result.emptySigma.measured.toPrecision(4)} ${result.unit} where nothing is ` +
        `(${result.emptySigma.expected.toPrecision(4)} expected). Written to ${options.out}.`,
    );
  } catch (error) {
    progress.end();
    if (!(error instanceof ImageRefused)) throw error;
    const sentence = `${sciencePath} and ${templatePath} cannot be differenced: ${error.message}.`;
    throw new Error(sentence, { cause: error });
  } finally {
    await stop();
  }
}

async function writeResult(folder: string, result: PairResult, summary: object): Promise<void> {
  const { difference, science, sources, emptySigma } = result;
  const { width, height } = science;
  const planes = {
    science: science.image,
    matched: difference.matched.image,
    difference: difference.image.image,
  };
  const shown = { width, height, ...planes, sigma: emptySigma.measured };
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'difference.fits'), differenceFits(result)),
    writeFile(join(folder, 'sources.csv'), sourcesCsv(result)),
    writeFile(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`),
    writeFile(join(folder, 'preview.png'), differencePreview(shown, sources)),
  ]);
}

function readImage(path: string): OpenHdu {
  const hdu = readHdus(path, readBytes(path)).find(({ image }) => image !== undefined);
  if (hdu === undefined) throw new Error(`${path} holds no image.`);
  return hdu;
}

/** Stamps cut out of larger images often keep those images' checksums: that is said, and no reason to stop. */
function readHdus(path: string, bytes: Uint8Array): OpenHdu[] {
  try {
    return openFits(bytes);
  } catch (verdict) {
    if (!(verdict instanceof FitsError)) throw verdict;
    try {
      const hdus = openFits(bytes, { verifyChecksums: false });
      console.error(`nightshift: ${path}: ${verdict.message} Going on without its checksums.`);
      return hdus;
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      throw new Error(`${path} is no FITS file that can be read: ${error.message}`, { cause: error });
    }
  }
}

function scienceFacts({ header }: OpenHdu, options: Options): FrameFacts {
  const own = factsOf(header);
  return {
    gain: options.gain ?? own.gain,
    readNoise: options.readNoise ?? own.readNoise,
    saturation: options.saturation ?? own.saturation,
    sky: options.scienceSky ?? own.sky,
  };
}

function templateFacts({ header }: OpenHdu, options: Options): FrameFacts {
  const own = factsOf(header);
  return {
    gain: options.templateGain ?? own.gain,
    readNoise: options.templateReadNoise ?? own.readNoise,
    saturation: options.saturation ?? own.saturation,
    sky: options.templateSky ?? own.sky,
  };
}

function differenceFits({
  difference: { image, score, psfAt },
  wcs,
  unit,
  sourceVariance,
}: PairResult): Uint8Array {
  return writeProduct({ rows: rowsOfPlanes(image, score), psfAt, wcs, unit, sourceVariance });
}
