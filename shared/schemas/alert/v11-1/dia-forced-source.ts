import type { FieldTable } from '../table.ts';

/** Photometry at the position of a known object, detected there or not. */
export const diaForcedSource = [
  ['diaForcedSourceId', 'long', 'Id of this measurement'],
  ['diaObjectId', 'long', 'Object whose position was measured'],
  ['ra', 'double', 'Right ascension of that position, ICRS [deg]'],
  ['dec', 'double', 'Declination of that position, ICRS [deg]'],
  ['visit', 'long', 'Visit it was measured in'],
  ['detector', 'int', 'Detector it was measured on'],
  ['psfFlux', 'float?', 'PSF flux on the difference image [nJy]'],
  ['psfFluxErr', 'float?', 'Error of psfFlux [nJy]'],
  ['midpointMjdTai', 'double', 'Middle of the exposure, MJD TAI [d]'],
  ['scienceFlux', 'float?', 'PSF flux on the calibrated science image [nJy]'],
  ['scienceFluxErr', 'float?', 'Error of scienceFlux [nJy]'],
  ['band', 'string?', 'Band: u, g, r, i, z or y'],
  ['timeProcessedMjdTai', 'double', 'When this row was made, MJD TAI [d]'],
  ['timeWithdrawnMjdTai', 'double?', 'When this row was declared invalid, MJD TAI [d], or null'],
] as const satisfies FieldTable;
