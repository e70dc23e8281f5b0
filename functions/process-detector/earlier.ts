import { detectorPolygon } from '#shared/domain/sky/camera.ts';
import { padPolygon, separationArcsec } from '#shared/domain/sky/vector.ts';
import { isClosed } from '#shared/domain/visit/claim.ts';
import { type DetectorVisit, parseStreamFields } from '#shared/domain/visit/next-visit.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import { type EarlierSlot, earlierSlots } from './core.ts';
import type { Facts, Room } from './facts.ts';

/** No detector of a camera that is known reaches farther from its axis (LSSTCam's corner rafts: 2.05 degrees). */
const fieldRadiusArcsec = 2.2 * 3600;

/** Slots on the stream that have to associate before this one. After an outage of an hour it holds 17,000: some 0.3 s. */
export async function earlierOnStream(facts: Facts, { ports, config }: Room): Promise<string[]> {
  const { stream, group } = streamOf(config);
  const { request, slotText } = facts;
  const expected = (item: string, of: DetectorVisit) => ({
    item,
    startTime: of.startTime,
    region: predictedRegion(facts, of, config.PRELOAD_PADDING),
  });
  // Polygons are dear: they are made of what begins earlier, and near.
  const isNear = ({ position: [raDeg, decDeg] }: DetectorVisit) =>
    separationArcsec(raDeg, decDeg, ...request.position) < 2 * (fieldRadiusArcsec + config.PRELOAD_PADDING);
  const others = (await ports.stream.unfinished(stream, group)).flatMap(({ item, fields }) => {
    if (item === slotText || !(Number(fields.startTime) < request.startTime)) return [];
    const other = readable(fields);
    return other && isNear(other) ? [expected(item, other)] : [];
  });
  return earlierSlots(expected(slotText, request), others);
}

/** Those of some slots whose rows are not written, and may still be. */
export async function openSlots(slots: readonly string[], { ports }: Room): Promise<EarlierSlot[]> {
  const claims = await ports.sources.claimsOfSlots(slots);
  const claimOf = new Map(claims.map((claim) => [claim.slot, claim]));
  return slots
    .map((slot) => ({ slot, claim: claimOf.get(slot) }))
    .filter(({ claim }) => !claim || !isClosed(claim.state));
}

/** Names of the stream and its group: the original's, unless they are set. */
export const streamOf = (config: {
  RUBIN_INSTRUMENT: string;
  REDIS_STREAM_NAME?: string;
  REDIS_STREAM_CONSUMER_GROUP?: string;
}): { stream: string; group: string } => {
  const named = workStreamName(config.RUBIN_INSTRUMENT);
  return {
    stream: config.REDIS_STREAM_NAME ?? named.stream,
    group: config.REDIS_STREAM_CONSUMER_GROUP ?? named.group,
  };
};

function predictedRegion({ instrument }: Facts, request: DetectorVisit, paddingArcsec: number) {
  const [raDeg, decDeg] = request.position;
  const boresight = { raDeg, decDeg, skyAngleDeg: request.cameraAngle };
  return padPolygon(detectorPolygon(instrument, request.detector, boresight, 0), paddingArcsec);
}

/** An entry that cannot be read will never associate; its own worker sets it aside. */
function readable(fields: Readonly<Record<string, string>>): DetectorVisit | undefined {
  try {
    return parseStreamFields(fields);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
