import type { Card, CardValue, Header } from '#shared/domain/fits/header.ts';
import type { Detector } from '#shared/domain/ids/instruments.ts';
import { EXPOSURE_SECONDS } from './passbands.ts';
import type { Amplifier } from './sensor.ts';
import { type Plan, siderealDeg, type Visit } from './survey-plan.ts';
import { isoTai, mjdTai } from './tai.ts';

const RADIAN = Math.PI / 180;

/** Filling of a well from which its level counts as saturated: noise keeps full ones within 1 % of the top. */
const SATURATED_WELL = 0.98;

/** Values of the INSTRUME card where they are not the camera's name. */
const instrumeOf: Readonly<Record<string, string>> = { LSSTCam: 'lsstCam' };

/** The primary header of a raw: the keywords of LSSTCam's of 2025, in their order; what has no meaning here is null. */
export function primaryHeader(plan: Plan, visit: Visit, detector: Detector): Header {
  const { instrument } = plan;
  const { observer } = instrument;
  const begin = horizon(visit, visit.begin, observer);
  const end = horizon(visit, visit.end, observer);
  return cards({
    BINX: 1,
    BINY: 1,
    CCDGAIN: 1,
    CCDNOISE: 10,
    ...dates(visit),
    IMGTYPE: 'OBJECT',
    OBSID: visit.obsId,
    BUNIT: 'adu',
    TIMESYS: 'TAI',
    GROUPID: visit.group,
    INSTRUME: instrumeOf[instrument.name] ?? instrument.name,
    TELESCOP: 'Simonyi Survey Telescope',
    'OBS-LONG': observer.longitudeDeg,
    'OBS-LAT': observer.latitudeDeg,
    'OBS-ELEV': observer.heightM,
    'OBSGEO-X': 1818938.94,
    'OBSGEO-Y': -5208470.95,
    'OBSGEO-Z': -3195172.08,
    RA: visit.raDeg,
    DEC: visit.decDeg,
    RASTART: visit.raDeg,
    DECSTART: visit.decDeg,
    RAEND: visit.raDeg,
    DECEND: visit.decDeg,
    ROTPA: visit.skyAngleDeg,
    ROTCOORD: 'sky',
    HASTART: begin.hourAngleHours,
    ELSTART: begin.elevationDeg,
    AZSTART: begin.azimuthDeg,
    AMSTART: begin.airmass,
    HAEND: end.hourAngleHours,
    ELEND: end.elevationDeg,
    AZEND: end.azimuthDeg,
    AMEND: end.airmass,
    TRACKSYS: 'RADEC',
    RADESYS: 'ICRS',
    FOCUSZ: 0,
    OBJECT: visit.fieldName,
    VIGNETTE: 'NO',
    VIGN_MIN: 'NO',
    TESTTYPE: 'OBJECT',
    CAMCODE: instrument.code,
    CONTRLLR: 'O',
    DAYOBS: String(visit.dayObs),
    SEQNUM: visit.seqNum,
    PROGRAM: 'BLOCK-365',
    REASON: 'field_survey_science',
    CURINDEX: 1,
    MAXINDEX: 1,
    TSTAND: 'simulator',
    IMAGETAG: visit.visit.toString(16),
    OBSANNOT: visit.fieldName,
    CCD_MANU: detector.type,
    CCD_TYPE: detector.type,
    CCDSLOT: detector.sensor,
    RAFTBAY: detector.raft,
    FIRMWARE: null,
    PLATFORM: instrument.lowerName,
    CONTNUM: null,
    DAQVERS: null,
    DAQPART: 'camera',
    DAQFOLD: 'raw',
    SEQFILE: null,
    SEQNAME: null,
    SEQCKSUM: null,
    LSST_NUM: `${detector.type}-SIM-${String(detector.number).padStart(3, '0')}`,
    CCD_SERN: String(detector.number),
    REBNAME: null,
    RAFTNAME: null,
    FPVERS: null,
    IHVERS: null,
    FILTBAND: visit.band,
    FILTER: visit.physicalFilter,
    FILTPOS: null,
    FILTSLOT: null,
    EXPTIME: EXPOSURE_SECONDS,
    DARKTIME: (visit.end - visit.begin) / 1000,
    SHUTTIME: EXPOSURE_SECONDS,
    AIRTEMP: 9.7,
    PRESSURE: 74210,
    HUMIDITY: 11.2,
    WINDSPD: 5.9,
    WINDDIR: 5.5,
    SEEING: null,
    HEADVER: 101,
    FILENAME: `${visit.obsId}_${detector.name}.fits`,
    'STUTTER ROWS': 0,
    'STUTTER DELAY': 0,
    'STUTTER NSHIFTS': 0,
  });
}

/** The sidecar: the primary header as one flat JSON object, HIERARCH keywords with points. */
export function sidecar(header: Header): Uint8Array {
  const entries = header.map(({ keyword, value }) => [
    keyword.includes(' ') ? `HIERARCH.${keyword.replaceAll(' ', '.')}` : keyword,
    value,
  ]);
  const primary = { __CONTENT__: 'metadata', SIMPLE: true, BITPIX: 8, NAXIS: 0, EXTEND: true };
  return new TextEncoder().encode(JSON.stringify({ ...primary, ...Object.fromEntries(entries) }));
}

/** The header of one amplifier: where its pixels belong, in the real headers' words and order. */
export function amplifierHeader(detector: Detector, amplifier: Amplifier): Header {
  const { prescan, width, height, firstX, stepX, firstY, stepY } = amplifier;
  const [lastX, lastY] = [firstX + stepX * (width - 1), firstY + stepY * (height - 1)];
  return cards({
    INHERIT: true,
    CHANNEL: amplifier.channel,
    EXTNAME: amplifier.extname,
    CCDSUM: '1 1',
    DATASEC: `[${prescan + 1}:${prescan + width},1:${height}]`,
    BIASSEC: `[${prescan + width + 1}:${amplifier.rawWidth},1:${height}]`,
    DETSEC: `[${firstX + 1}:${lastX + 1},${firstY + 1}:${lastY + 1}]`,
    DETSIZE: `[1:${detector.width},1:${detector.height}]`,
    DTV1: firstX + 1 - stepX * (prescan + 1),
    DTV2: firstY + 1 - stepY,
    DTM1_1: stepX,
    DTM2_2: stepY,
    DTM1_2: 0,
    DTM2_1: 0,
    GAIN: amplifier.gain,
    RDNOISE: amplifier.readNoise,
    SATURATE: Math.floor(amplifier.biasLevel + (SATURATED_WELL * amplifier.fullWell) / amplifier.gain),
    ...coordinateSystems(detector, amplifier),
  });
}

/**
 * The camera's own coordinate systems, letters A to Q of the real headers: in each, X runs against the detector's
 * rows and Y along its columns (serial-parallel systems the other way round), counted from a corner of the segment,
 * the CCD, the raft (42.25 mm a CCD, centred) and the focal plane (127 mm a raft).
 */
function coordinateSystems(detector: Detector, amplifier: Amplifier): Record<string, CardValue> {
  const { firstX, stepX, firstY, stepY, prescan, width, height } = amplifier;
  const y0 = firstX + 1 - stepX * (prescan + 1);
  const x0 = detector.height + 1 - (firstY + 1 - stepY);
  const upper = firstY > 0;
  const [raftX, raftY] = raftCorner(detector);
  const [planeX, planeY] = [...detector.raft.slice(1)].map((digit) => 12_700 * Number(digit));
  const column = Math.min(firstX, firstX + stepX * (width - 1));
  const corners: [letter: string, name: string, prefix: string, x: number, y: number][] = [
    ['A', 'AMPLIFIER', 'Seg', upper ? x0 : x0 - height, y0 - column],
    ['C', 'CCD', 'CCD', x0, y0],
    ['R', 'RAFT', 'RAFT', x0 + raftX, y0 + raftY],
    ['F', 'FOCAL_PLANE', 'FP', x0 + raftX + planeX, y0 + raftY + planeY],
  ];
  const serial: typeof corners = [
    ['E', 'FP_SERPAR', 'FP', y0 + raftY + planeY, x0 + raftX + planeX],
    ['B', 'CCD_SERPAR', 'CCD', y0, x0],
    ['Q', 'RAFT_SERPAR', 'RAFT', y0 + raftY, x0 + raftX],
  ];
  const matrix = { PC1_1: 0, PC1_2: -stepY, PC2_1: stepX, PC2_2: 0 };
  const serialMatrix = { PC1_1: stepX, PC1_2: 0, PC2_1: 0, PC2_2: -stepY };
  return Object.assign(
    {},
    ...corners.map(([letter, name, prefix, x, y]) =>
      system(letter, name, [`${prefix}_X`, `${prefix}_Y`], matrix, x, y),
    ),
    ...serial.map(([letter, name, prefix, x, y]) =>
      system(letter, name, [`${prefix}_S`, `${prefix}_P`], serialMatrix, x, y),
    ),
  );
}

function system(
  letter: string,
  name: string,
  [axis1, axis2]: readonly [string, string],
  matrix: Readonly<Record<string, number>>,
  crval1: number,
  crval2: number,
): Record<string, CardValue> {
  const unlettered = {
    WCSNAME: name,
    CTYPE1: axis1,
    CTYPE2: axis2,
    ...matrix,
    CDELT1: 1,
    CDELT2: 1,
    CRPIX1: 0,
    CRPIX2: 0,
    CRVAL1: crval1,
    CRVAL2: crval2,
  };
  return Object.fromEntries(Object.entries(unlettered).map(([keyword, value]) => [keyword + letter, value]));
}

/** Pixels from the raft's corner to the CCD's: (125, 89) for the ITL sensor S00 of a real header. */
function raftCorner({ sensor, width, height }: Detector): [number, number] {
  const [row, column] = [Number(sensor[1]), Number(sensor[2])];
  const margin = (12_700 - 3 * 4225) / 2;
  return [margin + (4225 - height) / 2 + 4225 * row, margin + (4225 - width) / 2 + 4225 * column];
}

function dates(visit: Visit): Record<string, CardValue> {
  const names = { '': visit.end, OBS: visit.begin, TRG: visit.end, BEG: visit.begin, END: visit.end };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, time]): [string, CardValue][] => {
      const suffix = name && `-${name}`;
      return [
        [`DATE${suffix}`, isoTai(time)],
        [`MJD${suffix}`, mjdTai(time)],
      ];
    }),
  );
}

/** Hour angle, elevation, azimuth from north over east, airmass (secant); to a hundredth of a degree. */
function horizon(
  { raDeg, decDeg }: Visit,
  time: number,
  { latitudeDeg, longitudeDeg }: { latitudeDeg: number; longitudeDeg: number },
) {
  const hourAngle = ((siderealDeg(time, longitudeDeg) - raDeg + 540) % 360) - 180;
  const [h, d, l] = [hourAngle * RADIAN, decDeg * RADIAN, latitudeDeg * RADIAN];
  const sine = Math.sin(l) * Math.sin(d) + Math.cos(l) * Math.cos(d) * Math.cos(h);
  const azimuth = Math.atan2(
    -Math.cos(d) * Math.sin(h),
    Math.sin(d) * Math.cos(l) - Math.cos(d) * Math.sin(l) * Math.cos(h),
  );
  return {
    hourAngleHours: hourAngle / 15,
    elevationDeg: Math.asin(sine) / RADIAN,
    azimuthDeg: (azimuth / RADIAN + 360) % 360,
    airmass: 1 / sine,
  };
}

function cards(values: Readonly<Record<string, CardValue>>): Card[] {
  return Object.entries(values).map(([keyword, value]) => ({ keyword, value }));
}
