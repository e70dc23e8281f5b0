import type { Instrument } from '../instruments.ts';
import { filtersByBand } from './filters.ts';
import { rubinSite, scienceRaft } from './raft.ts';

/**
 * The simulator's small camera at Rubin's site: one raft of nine 1024 x 1024 sensors with 0.2" pixels and no
 * distortion. A pitch of 10.6 mm leaves gaps of 36 pixels.
 */
export const SimCam: Instrument = {
  name: 'SimCam',
  lowerName: 'simcam',
  code: 'SC',
  sidecarNames: ['simcam'],
  detectors: scienceRaft(
    'R22',
    0,
    { type: 'SIM', width: 1024, height: 1024, refX: 511.5, refY: 511.5, pixelMm: 0.01 },
    { xMm: 0, yMm: 0 },
    10.6,
  ),
  filters: filtersByBand({ u: 'u_sim', g: 'g_sim', r: 'r_sim', i: 'i_sim', z: 'z_sim', y: 'y_sim' }),
  plateScaleArcsecPerMm: 20,
  radialCoefficients: [0, 1],
  observer: rubinSite,
};
