import { bandOf } from '#shared/domain/ids/instruments.ts';
import { type Boresight, detectorPolygon } from '#shared/domain/sky/camera.ts';
import { padPolygon, type Vector } from '#shared/domain/sky/vector.ts';
import { dayObs, mjdTaiFromUnixTai } from '#shared/domain/time/scales.ts';
import type { Facts, Phase, Room } from '../facts.ts';
import { type Inputs, loadInputs } from '../inputs.ts';

/**
 * Reads calibrations, templates and reference stars for the region that nextVisit predicts, while the telescope still
 * slews. An event that names no filter or no place on the sky is preloaded when its raw is there (phase pixels).
 */
export const preload: Phase = async (facts, room) => {
  const { request } = facts;
  const predicted = predictedBoresight(facts);
  if (!predicted || request.filters === '') return facts;
  const inputs = await inputsFor(facts, room, predicted, request.filters);
  return inputs ? { ...facts, inputs } : facts;
};

/** ICRS with an angle on the sky says where a detector will be; anything else does not. */
function predictedBoresight({ request }: Facts): Boresight | undefined {
  if (request.coordinateSystem !== 2 || request.rotationSystem !== 2) return undefined;
  const [raDeg, decDeg] = request.position;
  return { raDeg, decDeg, skyAngleDeg: request.cameraAngle };
}

/** Inputs of this detector at a pointing; undefined for a filter that the instrument does not have. */
export async function inputsFor(
  facts: Facts,
  room: Room,
  boresight: Boresight,
  physicalFilter: string,
): Promise<Inputs | undefined> {
  const { instrument, detector, request } = facts;
  const band = bandOf(instrument, physicalFilter);
  if (!band) return undefined;
  const wanted = {
    instrument,
    detector,
    physicalFilter,
    band,
    dayObs: dayObs(mjdTaiFromUnixTai(request.private_sndStamp)),
    region: paddedRegion(facts, boresight, room.config.PRELOAD_PADDING),
    catalog: room.config.REFERENCE_CATALOG,
  };
  return loadInputs(wanted, room.ports.products, room.signal);
}

/** The detector on the sky at a pointing, padded by arc seconds. */
export const paddedRegion = (facts: Facts, boresight: Boresight, paddingArcsec: number): readonly Vector[] =>
  padPolygon(detectorPolygon(facts.instrument, facts.detector.number, boresight, 0), paddingArcsec);
