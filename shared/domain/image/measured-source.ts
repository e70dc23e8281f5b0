import type { DiaSource } from '../alert/row.ts';

/** What the pixels, and the model that judges them, say about a source: the fields of schema 11.1's diaSource that they decide, in its units. */
type PixelFields = Omit<
  DiaSource,
  | 'diaSourceId'
  | 'visit'
  | 'detector'
  | 'diaObjectId'
  | 'ssObjectId'
  | 'parentDiaSourceId'
  | 'midpointMjdTai'
  | 'exposureTime'
  | 'band'
  | 'timeProcessedMjdTai'
  | 'timeWithdrawnMjdTai'
>;

export interface MeasuredSource extends PixelFields {
  /** Corners of the footprint's bounding box (ra, dec in degrees), for the satellite gate. */
  readonly bboxSky: readonly (readonly [number, number])[];
  /** Diagonal of that box, arcseconds. */
  readonly footprintDiagonalArcsec: number;
  /** The trail is longer than three times the radius of the PSF. */
  readonly suspectLongTrail: boolean;
  /** FITS files (image, UNCERT, PSFIMAGE) for the alert; absent only in a plain pair. */
  readonly stamps: {
    readonly difference: Uint8Array;
    readonly science: Uint8Array;
    readonly template: Uint8Array;
  };
}
