import { type Exposure, observationId } from './exposure-id.ts';
import { detectorByNumber, type Instrument } from './instruments.ts';
import { InvalidId } from './invalid-id.ts';

/** An object's path as it stands in the queues: `profile@bucket/key`, or `bucket/key` where there is no profile. */
interface ObjectPath {
  /** As given, without `s3://`. */
  readonly path: string;
  /** With its profile, as in `QUEUE:{bucket}`. */
  readonly bucket: string;
  /** Directory of the instrument (`LSSTCam`), or of the LFA's component and generator (`GenericCamera/101`). */
  readonly instrument: string;
  readonly filename: string;
  /** YYYYMMDD of the directory, which wins over the one in the exposure's name. */
  readonly obsDay: string;
}

/** A camera's object; all fields are the path's own text, never checked against a table. */
export interface CameraPath extends ObjectPath {
  readonly kind: 'camera';
  /** `MC_O_20250609_000578`. */
  readonly expId: string;
  readonly instrumentCode: string;
  readonly controller: string;
  /** The day inside `expId`; where it is not `obsDay` the caller warns. */
  readonly expDay: string;
  /** With its leading zeros. */
  readonly seqNum: string;
}

/** An object of the Large File Annex: what is not a camera's. */
export interface LfaPath extends ObjectPath {
  readonly kind: 'lfa';
}

/**
 * Reads `[s3://][profile@]bucket/key` by embargo-butler's rules: five components for a camera, six to eight where
 * the text contains `rubinobs-lfa-`. Throws InvalidId saying what is wrong.
 */
export function parseObjectPath(text: string): CameraPath | LfaPath {
  const path = text.startsWith('s3://') ? text.slice('s3://'.length) : text;
  const parts = path.split('/');
  return path.includes('rubinobs-lfa-') ? parseLfa(path, parts) : parseCamera(path, parts);
}

function parseCamera(path: string, parts: string[]): CameraPath {
  if (parts.length !== 5) {
    throw new InvalidId(
      `"${path}" has ${parts.length} components; a camera's path is bucket/instrument/day/exposure/file.`,
    );
  }
  const [bucket, instrument, obsDay, expId, filename] = parts;
  const exposure = expId.split('_');
  if (exposure.length !== 4) {
    throw new InvalidId(
      `The exposure "${expId}" in "${path}" is not of the form CODE_CONTROLLER_DAY_NUMBER.`,
    );
  }
  const [instrumentCode, controller, expDay, seqNum] = exposure;
  return {
    kind: 'camera',
    path,
    bucket,
    instrument,
    filename,
    obsDay,
    expId,
    instrumentCode,
    controller,
    expDay,
    seqNum,
  };
}

/** bucket/csc/generator/Y/M/D/[dir/]file, or bucket/instrument/Y/M/D/file. */
function parseLfa(path: string, parts: string[]): LfaPath {
  if (parts.length < 6 || parts.length > 8) {
    throw new InvalidId(
      `"${path}" has ${parts.length} components; a path in the Large File Annex has 6 to 8.`,
    );
  }
  const names = parts.length === 6 ? 1 : 2;
  const [year, month, day] = parts.slice(1 + names);
  return {
    kind: 'lfa',
    path,
    bucket: parts[0],
    instrument: parts.slice(1, 1 + names).join('/'),
    filename: parts[parts.length - 1],
    obsDay: year + month + day,
  };
}

/** `LSSTCam/20250609/MC_O_20250609_000578/MC_O_20250609_000578_R01_S01.fits`. */
export function rawKey(instrument: Instrument, exposure: Exposure, detectorNumber: number): string {
  const detector = detectorByNumber(instrument, detectorNumber);
  if (!detector) throw new InvalidId(`${instrument.name} has no detector ${detectorNumber}.`);
  const id = observationId({ code: instrument.code, ...exposure });
  const suffix = detector.purpose === 'GUIDER' ? '_guider' : '';
  return `${instrument.name}/${exposure.dayObs}/${id}/${id}_${detector.name}${suffix}.fits`;
}

/** Key of the JSON with the header of a FITS file: the same stem, `.fits` and `.fits.fz` alike. */
export function sidecarKey(fitsKey: string): string {
  if (!/\.fits(\.fz)?$/.test(fitsKey))
    throw new InvalidId(`"${fitsKey}" has no sidecar: it does not end in .fits or .fits.fz.`);
  return fitsKey.replace(/\.fits(\.fz)?$/, '.json');
}

/** Detector name in a raw's file name (`R22_S11` of `MC_O_..._R22_S11.fits`); undefined for guiders and the rest. */
export function detectorNameOf(filename: string): string | undefined {
  return /_(R\d\d_S.\d)\.f[^/]*$/.exec(filename)?.[1];
}
