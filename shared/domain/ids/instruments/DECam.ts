import type { Instrument } from '../instruments.ts';

/**
 * Dark Energy Camera on the Blanco telescope, as far as real frames of it run through the chain: one detector of
 * 256 x 256 pixels, whose position is taken from the frame's own world coordinates. Pixels of 15 micrometres and
 * 0.263"; filters as in the FILTER keyword of NOIRLab's archive.
 */
export const DECam: Instrument = {
  name: 'DECam',
  lowerName: 'decam',
  code: 'DC',
  sidecarNames: ['decam'],
  detectors: [
    {
      number: 0,
      name: 'R00_S00',
      raft: 'R00',
      sensor: 'S00',
      purpose: 'SCIENCE',
      type: 'DECAM',
      width: 256,
      height: 256,
      refX: 127.5,
      refY: 127.5,
      pixelMm: 0.015,
      offsetXmm: 0,
      offsetYmm: 0,
      yawDeg: 0,
    },
  ],
  filters: [
    { physicalFilter: 'u DECam c0006 3500.0 1000.0', band: 'u' },
    { physicalFilter: 'g DECam SDSS c0001 4720.0 1520.0', band: 'g' },
    { physicalFilter: 'r DECam SDSS c0002 6415.0 1480.0', band: 'r' },
    { physicalFilter: 'i DECam SDSS c0003 7835.0 1470.0', band: 'i' },
    { physicalFilter: 'z DECam SDSS c0004 9260.0 1520.0', band: 'z' },
    { physicalFilter: 'Y DECam c0005 10095.0 1130.0', band: 'y' },
    { physicalFilter: 'VR DECam c0007 6300.0 2600.0', band: 'VR' },
  ],
  plateScaleArcsecPerMm: 17.53,
  radialCoefficients: [0, 1],
  observer: { latitudeDeg: -30.16606, longitudeDeg: -70.81489, heightM: 2215 },
};
