import type { Detector, Filter, Instrument } from '../instruments.ts';
import { filtersByBand } from './filters.ts';
import { E2V, ITL, rubinSite, type SensorKind, scienceRaft } from './raft.ts';

/** Geometry and filters: facts tabulated from the camera description of lsst/obs_lsst. */

const RAFT_PITCH_MM = 127;
const SENSOR_PITCH_MM = 42.25;

/** Science rafts in the order of their detectors' numbers. Raft Ryx lies (x - 2, y - 2) pitches from the centre. */
const scienceRafts: readonly (readonly [string, SensorKind])[] = [
  ['R01', ITL],
  ['R02', ITL],
  ['R03', ITL],
  ['R10', ITL],
  ['R11', E2V],
  ['R12', E2V],
  ['R13', E2V],
  ['R14', E2V],
  ['R20', ITL],
  ['R21', E2V],
  ['R22', E2V],
  ['R23', E2V],
  ['R24', E2V],
  ['R30', E2V],
  ['R31', E2V],
  ['R32', E2V],
  ['R33', E2V],
  ['R34', E2V],
  ['R41', ITL],
  ['R42', ITL],
  ['R43', ITL],
];

const WAVEFRONT: SensorKind = { ...ITL, type: 'ITL_WF', height: 2000, refY: 1000.5 };
const GUIDE: SensorKind = { ...ITL, type: 'ITL_G' };

/** Corner rafts, from detector 189 on: name, offset x and y in mm, yaw in degrees. */
const cornerSensors: readonly (readonly [string, number, number, number])[] = [
  ['R00_SG0', -212.24, -258.74, 450],
  ['R00_SG1', -258.74, -212.24, 180],
  ['R00_SW0', -214.25, -202.625, 180],
  ['R00_SW1', -214.25, -225.875, 360],
  ['R04_SG0', 258.74, -212.24, 540],
  ['R04_SG1', 212.24, -258.74, 270],
  ['R04_SW0', 202.625, -214.25, 270],
  ['R04_SW1', 225.875, -214.25, 450],
  ['R40_SG0', -258.74, 212.24, 360],
  ['R40_SG1', -212.24, 258.74, 90],
  ['R40_SW0', -202.625, 214.25, 90],
  ['R40_SW1', -225.875, 214.25, 270],
  ['R44_SG0', 212.24, 258.74, 270],
  ['R44_SG1', 258.74, 212.24, 0],
  ['R44_SW0', 214.25, 202.625, 0],
  ['R44_SW1', 214.25, 225.875, 180],
];

const science = scienceRafts.flatMap(([raft, kind], index) => {
  const centre = { xMm: (Number(raft[2]) - 2) * RAFT_PITCH_MM, yMm: (Number(raft[1]) - 2) * RAFT_PITCH_MM };
  return scienceRaft(raft, index * 9, kind, centre, SENSOR_PITCH_MM);
});

const corners = cornerSensors.map(([name, offsetXmm, offsetYmm, yawDeg], index): Detector => {
  const [raft, sensor] = name.split('_');
  const guide = sensor.startsWith('SG');
  return {
    number: science.length + index,
    name,
    raft,
    sensor,
    purpose: guide ? 'GUIDER' : 'WAVEFRONT',
    ...(guide ? GUIDE : WAVEFRONT),
    offsetXmm,
    offsetYmm,
    yawDeg,
  };
});

const clear: Filter[] = filtersByBand({
  u: 'u_24 SDSSu uv u_24~HIGH u_24~LOW u_24~uv ef_43~uv ph_5~uv none~uv',
  g: 'g_6 SDSSg 480nm blue g_6~HIGH g_6~LOW g_6~blue ef_43~blue ph_5~blue none~blue',
  r: 'r_57 SDSSr 650nm red r_57~HIGH r_57~LOW r_57~red ef_43~red ph_5~red none~red',
  i: 'i_39 SDSSi 750nm nm750 i_39~HIGH i_39~LOW i_39~nm750 ef_43~nm750 ph_5~nm750 none~nm750',
  z: 'z_20 SDSSz 870nm nm850 z_20~HIGH z_20~LOW z_20~nm850 ef_43~nm850 ph_5~nm850 none~nm850',
  y: 'y_10 SDSSY 950nm 970nm nm960 y_10~HIGH y_10~LOW y_10~nm960 ef_43~nm960 ph_5~nm960 none~nm960',
  white: 'empty none HIGH LOW ef_43 ef_43~HIGH ef_43~LOW ph_5 ph_5~HIGH ph_5~LOW none~HIGH none~LOW',
  ellipses: 'ellipses',
  grid: 'grid',
  sparsegrid: 'sparsegrid',
  spot: 'spot',
  streak: 'streak',
  unknown: 'unknown',
});

/** Filters of the test bench that stood behind each neutral density; their band is `{band}~nd`. */
const benchFilters =
  'SDSSu SDSSg SDSSr SDSSi SDSSz SDSSY 480nm 650nm 750nm 870nm 950nm 970nm ellipses grid sparsegrid spot streak empty'.split(
    ' ',
  );
const neutralDensities = '0.01 0.05 0.1 0.3 0.4 0.5 0.7 1.0 2.0 3.0 4.0'
  .split(' ')
  .map((density) => `ND_OD${density}`);

const dimmed = clear
  .filter((filter) => benchFilters.includes(filter.physicalFilter))
  .flatMap(({ physicalFilter, band }) =>
    neutralDensities.map((density) => ({
      physicalFilter: physicalFilter === 'empty' ? density : `${physicalFilter}~${density}`,
      band: `${band}~nd`,
    })),
  );

/** Rubin's survey camera: 189 science detectors, 8 for the wavefront, 8 to guide. */
export const LSSTCam: Instrument = {
  name: 'LSSTCam',
  lowerName: 'lsstcam',
  code: 'MC',
  sidecarNames: ['lsstcam'],
  detectors: [...science, ...corners],
  filters: [...clear, ...dimmed],
  plateScaleArcsecPerMm: 20.005867576692737,
  radialCoefficients: [0, 1, 0, -8.33713991e-9, 0, -1.41389858e-15],
  observer: rubinSite,
};
