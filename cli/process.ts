import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { FitsError, type Header, numberOf, textOf } from '#shared/domain/fits/header.ts';
import { type OpenHdu, openFits } from '#shared/domain/fits/open.ts';
import { detectorByName, findInstrument } from '#shared/domain/ids/instruments.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { type DetectorInput, type DetectorResult, processDetector } from '#shared/domain/image/detector.ts';
import type { ReferenceStar } from '#shared/domain/image/reference-star.ts';
import { sourcesCsv } from '#shared/domain/image/sources-csv.ts';
import { detectorWcs } from '#shared/domain/sky/camera.ts';
import type { Wcs } from '#shared/domain/sky/wcs.ts';
import { parseReferenceCsv } from '#shared/domain/visit/reference-csv.ts';
import { crewedWorkspace } from '../functions/process-detector/strip-threads.ts';
import { differencePreview } from './difference-preview.ts';
import { finite, several, threads } from './option-values.ts';
import { readBytes, reusingReader } from './read-bytes.ts';
import { stageProgress, timingTable } from './stage-progress.ts';

interface Options {
  readonly out: string;
  readonly template: readonly string[];
  readonly bias?: string;
  readonly dark?: string;
  readonly flat?: string;
  readonly crosstalk?: string;
  readonly references?: string;
  readonly band?: string;
  readonly zeroPoint?: number;
  readonly workers: number;
  readonly timing?: true;
}

/** `nightshift process RAW.fits --template TILE.fits ... --out DIR`. */
export function processCommand(): Command {
  return new Command('process')
    .description('Process one raw detector: calibrate it, subtract the template, list what changed.')
    .argument('<raw>', 'FITS file of the raw, an HDU an amplifier with DATASEC, BIASSEC and DETSEC')
    .requiredOption(
      '--template <file>',
      'tile of the template (HDUs IMAGE, VARIANCE, MASK, or one plain image); several',
      several,
    )
    .requiredOption(
      '--out <dir>',
      'folder for difference.fits, calibrated.fits, sources.csv, summary.json and preview.png',
    )
    .option('--bias <file>', 'bias frame, ADU')
    .option('--dark <file>', 'dark frame, ADU a second')
    .option('--flat <file>', 'flat frame of the filter')
    .option('--crosstalk <file>', 'JSON of the coefficients between amplifiers')
    .option('--references <file>', 'CSV of reference stars: id,ra,dec,band,fluxNjy,fluxErrNjy')
    .option('--band <letter>', "which of the references' bands (default: first letter of FILTER)")
    .option('--zero-point <mag>', 'AB magnitude of one count of the raw (default: from stars)', finite)
    .option('--workers <n>', 'threads that share the work', threads, 1)
    .option('--timing', 'print what each step took')
    .addHelpText('after', help)
    .action(processRaw);
}

const help = `
World coordinates are the header's, or follow from its RA, DEC, ROTPA and the detector's place in the camera;
--references refines them. Without --references and --zero-point the flux scale is the template's. Fluxes
are in nJy where the template is.

Examples:
  nightshift process raw.fits --template tile.fits --bias bias.fits --flat flat.fits --out result
  nightshift process raw.fits --template a.fits --template b.fits --references stars.csv --out result \\
    --workers 4 --timing`;

async function processRaw(raw: string, options: Options): Promise<void> {
  const bytes = readBytes(raw);
  const { header } = openRaw(raw, bytes);
  const references =
    options.references === undefined ? [] : readReferences(options.references, header, options);
  const { workspace, stop } = crewedWorkspace(options.workers);
  const progress = stageProgress();
  try {
    const clock = () => performance.now();
    const result = processDetector(
      workspace,
      inputOf(bytes, header, references, options),
      clock,
      progress.onStage,
    );
    progress.end();
    if (result.outcome === 'refused') throw new Error(`${raw} cannot be measured: ${result.reason}.`);
    await writeResult(options.out, raw, result);
    if (options.timing) console.log(timingTable(result.timingMs));
    console.log(`${result.sources.length} sources. Written to ${options.out}.`);
  } finally {
    progress.end();
    await stop();
  }
}

/** Files are read when their turn has come, so that not all of them lie in memory at one time. */
function inputOf(
  raw: Uint8Array,
  header: Header,
  references: readonly ReferenceStar[],
  options: Options,
): DetectorInput {
  const { bias, dark, flat, crosstalk, template, zeroPoint } = options;
  const readTile = reusingReader();
  const optional = (path: string | undefined): Uint8Array | undefined =>
    path === undefined ? undefined : readBytes(path);
  return {
    raw,
    get bias() {
      return optional(bias);
    },
    get dark() {
      return optional(dark);
    },
    get flat() {
      return optional(flat);
    },
    get crosstalk() {
      return optional(crosstalk);
    },
    templates: template.map((path) => ({
      get bytes() {
        return readTile(path);
      },
    })),
    references,
    predictedWcs: textOf(header, 'CTYPE1') === undefined ? pointingOf(header) : undefined,
    declaredZeroPoint: zeroPoint === undefined ? undefined : 10 ** (0.4 * (31.4 - zeroPoint)),
    config: defaultImageConfig,
  };
}

/** The primary HDU of a raw; its checksums are verified when its pixels are read. */
function openRaw(path: string, bytes: Uint8Array): OpenHdu {
  try {
    return openFits(bytes, { verifyChecksums: false })[0];
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new Error(`${path} is no FITS file that can be read: ${error.message}`, { cause: error });
  }
}

/** World coordinates by the camera's geometry, where the header says where which of its detectors looked. */
function pointingOf(header: Header): Wcs | undefined {
  const instrument = findInstrument(textOf(header, 'INSTRUME') ?? '');
  const name = `${textOf(header, 'RAFTBAY')}_${textOf(header, 'CCDSLOT')}`;
  const detector = instrument && detectorByName(instrument, name);
  const [raDeg, decDeg, skyAngleDeg] = ['RA', 'DEC', 'ROTPA'].map((keyword) => numberOf(header, keyword));
  if (!detector || raDeg === undefined || decDeg === undefined || skyAngleDeg === undefined) return undefined;
  return detectorWcs(instrument, detector.number, { raDeg, decDeg, skyAngleDeg });
}

function readReferences(path: string, header: Header, { band }: Options): ReferenceStar[] {
  const wanted = band ?? textOf(header, 'FILTER')?.slice(0, 1);
  if (wanted === undefined) throw new Error(`The raw has no FILTER: name the references' band with --band.`);
  const stars = parseReferenceCsv(Buffer.from(readBytes(path)).toString(), wanted);
  if (stars.length === 0)
    throw new Error(`${path} has no star in the band ${wanted}: choose another --band.`);
  return stars;
}

async function writeResult(
  folder: string,
  raw: string,
  { sources, quality, products, planes, timingMs, wcs }: DetectorResult & { outcome: 'measured' },
): Promise<void> {
  const summary = { raw, sources: sources.length, quality, timingMs };
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'difference.fits'), products.difference),
    writeFile(join(folder, 'calibrated.fits'), products.calibrated),
    writeFile(join(folder, 'sources.csv'), sourcesCsv({ sources, wcs })),
    writeFile(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`),
    writeFile(join(folder, 'preview.png'), differencePreview(planes, sources)),
  ]);
}
