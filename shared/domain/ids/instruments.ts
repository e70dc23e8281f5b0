import { DECam } from './instruments/DECam.ts';
import { LATISS } from './instruments/LATISS.ts';
import { LSSTCam } from './instruments/LSSTCam.ts';
import { LSSTComCam } from './instruments/LSSTComCam.ts';
import { SimCam } from './instruments/SimCam.ts';

/** One sensor and where it lies in the focal plane. */
export interface Detector {
  readonly number: number;
  /** `R22_S11`: raft and sensor. */
  readonly name: string;
  readonly raft: string;
  readonly sensor: string;
  readonly purpose: 'SCIENCE' | 'WAVEFRONT' | 'GUIDER';
  /** Maker and kind: `E2V`, `ITL`, `ITL_WF`, ... */
  readonly type: string;
  /** Where the reference pixel lies in the focal plane. */
  readonly offsetXmm: number;
  readonly offsetYmm: number;
  /** From the focal plane's x axis to the pixel rows, counter-clockwise. */
  readonly yawDeg: number;
  /** Pixels after trimming and assembly of the amplifiers. */
  readonly width: number;
  readonly height: number;
  /** Reference pixel, 0-based, the centre of the first pixel being (0, 0). */
  readonly refX: number;
  readonly refY: number;
  readonly pixelMm: number;
}

export interface Filter {
  readonly physicalFilter: string;
  readonly band: string;
}

export interface Instrument {
  /** Canonical name, as in keys and in Butler. */
  readonly name: string;
  readonly lowerName: string;
  /** First part of an observation id. */
  readonly code: string;
  /** Values of INSTRUME in headers and sidecars, lower-cased. */
  readonly sidecarNames: readonly string[];
  readonly detectors: readonly Detector[];
  readonly filters: readonly Filter[];
  readonly plateScaleArcsecPerMm: number;
  /** c of angle = plate scale * sum(c_i r^i), r in mm from the centre of the focal plane. */
  readonly radialCoefficients: readonly number[];
  readonly observer: {
    readonly latitudeDeg: number;
    readonly longitudeDeg: number;
    readonly heightM: number;
  };
}

/** The instruments whose geometry is known. */
export const instruments: readonly Instrument[] = [LSSTCam, LSSTComCam, LATISS, SimCam, DECam];

/** By canonical name or by a header's INSTRUME, in any case of letters. */
export function findInstrument(nameOrHeaderName: string): Instrument | undefined {
  const wanted = nameOrHeaderName.trim().toLowerCase();
  return instruments.find(
    (instrument) => instrument.lowerName === wanted || instrument.sidecarNames.includes(wanted),
  );
}

/** Canonical name for a header's INSTRUME; verbatim where none is known (`LSST-TS8`), as embargo-butler does. */
export function canonicalInstrument(instrume: string): string {
  const lower = instrume.trim().toLowerCase();
  if (lower === 'comcamsim' || lower === 'lsstcomcamsim') return 'LSSTComCamSim';
  return findInstrument(lower)?.name ?? instrume.trim();
}

export function detectorByName(instrument: Instrument, name: string): Detector | undefined {
  return instrument.detectors.find((detector) => detector.name === name);
}

export function detectorByNumber(instrument: Instrument, number: number): Detector | undefined {
  return instrument.detectors.find((detector) => detector.number === number);
}

/** Band of a physical filter, such as `y` for `y_10`. */
export function bandOf(instrument: Instrument, physicalFilter: string): string | undefined {
  return instrument.filters.find((filter) => filter.physicalFilter === physicalFilter)?.band;
}
