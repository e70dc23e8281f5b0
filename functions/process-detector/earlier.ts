import { detectorPolygon } from '#shared/domain/sky/camera.ts';
import { padPolygon } from '#shared/domain/sky/vector.ts';
import { isClosed } from '#shared/domain/visit/claim.ts';
import { type DetectorVisit, parseStreamFields } from '#shared/domain/visit/next-visit.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import { type EarlierSlot, earlierSlots } from './core.ts';
import type { Facts, Room } from './facts.ts';

/** Slots that have to associate before this one and have not: still on the stream, and their rows not written. */
export async function openEarlierSlots(facts: Facts, room: Room): Promise<EarlierSlot[]> {
  const { ports, config } = room;
  const { stream, group } = streamOf(config);
  const expected = (item: string, request: DetectorVisit) => ({
    item,
    startTime: request.startTime,
    region: predictedRegion(facts, request, config.PRELOAD_PADDING),
  });
  const others = (await ports.stream.unfinished(stream, group))
    .filter(({ item }) => item !== facts.slotText)
    .flatMap(({ item, fields }) => {
      const request = readable(fields);
      // Only what begins earlier matters, and polygons are dear.
      return request && request.startTime < facts.request.startTime ? [expected(item, request)] : [];
    });
  const earlier = earlierSlots(expected(facts.slotText, facts.request), others);
  const claims = await ports.sources.claimsOfSlots(earlier);
  const claimOf = new Map(claims.map((claim) => [claim.slot, claim]));
  return earlier
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
