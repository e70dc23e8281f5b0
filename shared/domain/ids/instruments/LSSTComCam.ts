import type { Instrument } from '../instruments.ts';
import { filtersByBand } from './filters.ts';
import { ITL, rubinSite, scienceRaft } from './raft.ts';

/** Rubin's commissioning camera of 2024, one raft. Facts of lsst/obs_lsst's camera description. */
export const LSSTComCam: Instrument = {
  name: 'LSSTComCam',
  lowerName: 'lsstcomcam',
  code: 'CC',
  sidecarNames: ['comcam', 'lsstcomcam'],
  detectors: scienceRaft('R22', 0, ITL, { xMm: 0, yMm: 0 }, 42.25),
  filters: filtersByBand({
    u: 'u_02 u_05 u_06',
    g: 'g_01 g_07',
    r: 'r_03',
    i: 'i_06',
    z: 'z_02 z_03',
    y: 'y_04',
    white: 'empty',
    unknown: 'unknown',
  }),
  plateScaleArcsecPerMm: 20.018130891688713,
  radialCoefficients: [0, 1, 0, 9.2793028e-8, 0, 2.41770368e-13],
  observer: rubinSite,
};
