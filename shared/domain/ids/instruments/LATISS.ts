import type { Instrument } from '../instruments.ts';
import { filtersByBand } from './filters.ts';
import { ITL } from './raft.ts';

/** Filters of the wheel by band; in Butler each is joined to the disperser of the second wheel by `~`. */
const wheel = filtersByBand({
  u: 'SDSSu_65mm',
  g: 'SDSSg_65mm SDSSg BG40 BG40_65mm_1 BG40_65mm_2 OG550_65mm_1 OG550_65mm_2 KPNO_1111_436nm',
  r: 'SDSSr_65mm SDSSr RG610 FELH0600 KPNO_373A_677nm',
  i: 'SDSSi_65mm SDSSi',
  z: 'SDSSz_65mm KPNO_406_828nm',
  y: 'SDSSy_65mm',
  white: 'empty blank_bk7_wg05 collimator cyl_lens',
  notch: 'quadnotch1',
  unknown: 'unknown',
});
const dispersers = [
  'empty',
  'unknown',
  'ronchi90lpmm',
  'ronchi170lpmm',
  'holo4_001',
  'holo4_003',
  'blue300lpmm_qn1',
];

/** The imager and spectrograph of Rubin's auxiliary telescope, one detector. Facts of lsst/obs_lsst. */
export const LATISS: Instrument = {
  name: 'LATISS',
  lowerName: 'latiss',
  code: 'AT',
  sidecarNames: ['latiss'],
  detectors: [
    {
      number: 0,
      name: 'R00_S00',
      raft: 'R00',
      sensor: 'S00',
      purpose: 'SCIENCE',
      ...ITL,
      offsetXmm: -0.515,
      offsetYmm: -0.055,
      yawDeg: 0,
    },
  ],
  filters: wheel.flatMap(({ physicalFilter, band }) => [
    { physicalFilter, band },
    ...dispersers.map((disperser) => ({ physicalFilter: `${physicalFilter}~${disperser}`, band })),
  ]),
  plateScaleArcsecPerMm: 10.112,
  radialCoefficients: [0, 1],
  observer: { latitudeDeg: -30.2447889, longitudeDeg: -70.7476862, heightM: 2663 },
};
