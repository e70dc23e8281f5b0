import type { Detector } from '../instruments.ts';

/** Size, reference pixel and pixel of a kind of sensor. */
export type SensorKind = Pick<Detector, 'type' | 'width' | 'height' | 'refX' | 'refY' | 'pixelMm'>;

/** Full-size sensors of Rubin's cameras; the reference pixel is the centre. */
export const ITL: SensorKind = {
  type: 'ITL',
  width: 4072,
  height: 4000,
  refX: 2036.5,
  refY: 2000.5,
  pixelMm: 0.01,
};
export const E2V: SensorKind = {
  type: 'E2V',
  width: 4096,
  height: 4004,
  refX: 2047.5,
  refY: 2001.5,
  pixelMm: 0.01,
};

/** Sensors of a science raft, S00 to S22: the first digit counts along y, the second along x. */
const raftSensors = ['S00', 'S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21', 'S22'];

/** The nine science detectors of one raft, numbered from `first`; centre and pitch in mm. */
export function scienceRaft(
  raft: string,
  first: number,
  kind: SensorKind,
  centre: { readonly xMm: number; readonly yMm: number },
  pitchMm: number,
): Detector[] {
  return raftSensors.map((sensor, index) => ({
    number: first + index,
    name: `${raft}_${sensor}`,
    raft,
    sensor,
    purpose: 'SCIENCE',
    ...kind,
    offsetXmm: centre.xMm + ((index % 3) - 1) * pitchMm,
    offsetYmm: centre.yMm + (Math.floor(index / 3) - 1) * pitchMm,
    yawDeg: 0,
  }));
}

/** Rubin Observatory's site on Cerro Pachon, as its raws' headers give it (OBS-LAT, OBS-LONG, OBS-ELEV). */
export const rubinSite = { latitudeDeg: -30.244639, longitudeDeg: -70.749417, heightM: 2663 };
