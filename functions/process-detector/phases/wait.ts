import { setTimeout as sleep } from 'node:timers/promises';
import { dead, Fault, isFault, reading } from 'openfaas-sdk-ts';
import { exposureId, parseObservationId } from '#shared/domain/ids/exposure-id.ts';
import { parseObjectPath } from '#shared/domain/ids/object-key.ts';
import { type ExposureFacts, exposureOf, unprocessable } from '#shared/domain/visit/exposure.ts';
import { readRawHeader } from '#shared/ports/raw-header.ts';
import { takeClaim } from '../claims.ts';
import { unixMsUtc } from '../core.ts';
import type { Facts, Phase, Room } from '../facts.ts';
import { endSlot, note } from '../ledger.ts';
import { findInNotifications } from '../notifications.ts';

/** A presence service answers within this; a longer wait is asked for again. */
const longestQuestionSeconds = 20;
/** How often the bucket's topic is read while presence does not answer. */
const lookMs = 1000;

/** Waits until the raw of the slot is in the bucket, reads its header, and claims its visit and detector. */
export const wait: Phase = async (facts, room) => {
  const uri = await findRaw(facts, room);
  if (!uri) {
    const why = `no raw within ${patience(facts, room)} s of the start that nextVisit announced`;
    return endSlot(facts, room, 'expired', why);
  }
  const path = reading(`The arrival of ${facts.slotText}`, () => parseObjectPath(uri));
  if (path.kind !== 'camera') return dead(`The arrival ${uri} is no camera's raw.`);
  const rawKey = path.path.slice(path.bucket.length + 1);
  const exposure = await readHeader(facts, room, rawKey);
  const refusal = unprocessable(exposure, facts.request);
  if (refusal) return endSlot(facts, room, 'refused', `unprocessable: ${refusal}`);
  const visit = reading(`The key ${rawKey}`, () => exposureId(parseObservationId(path.expId)));
  const claimed = await takeClaim({ ...facts, rawKey, exposure }, room, visit);
  await note(claimed, room, 'claimed');
  return claimed;
};

/** Seconds of night time after the announced start until which a raw may come (prompt_processing's rule). */
const patience = ({ request }: Facts, { config }: Room): number =>
  2 * request.duration + config.IMAGE_TIMEOUT;

async function findRaw(facts: Facts, room: Room): Promise<string | undefined> {
  const { request, instrument, detector } = facts;
  const startMs = unixMsUtc(Math.max(request.startTime, request.private_sndStamp));
  const deadlineMs = startMs + patience(facts, room) * 1000;
  const key = { instrument: instrument.name, group: request.groupId, snap: 0, detector: detector.name };
  for (;;) {
    const remaining = Math.max(0, (deadlineMs - room.time.night()) / 1000);
    const waitSeconds = Math.min(longestQuestionSeconds, remaining);
    const found = await room.ports.presence
      .find(key, { waitSeconds, signal: room.signal })
      .catch((error) => findWithoutPresence(error, facts, room));
    if (found || remaining === 0) return found;
  }
}

/** The bucket's own topic tells where presence does not; a service that is gone refuses at once, so a pause follows. */
async function findWithoutPresence(error: unknown, facts: Facts, room: Room): Promise<string | undefined> {
  if (!isFault(error)) throw error;
  const found = await findInNotifications(facts, room, error);
  if (!found) await sleep(lookMs, undefined, { signal: room.signal });
  return found;
}

/** Header facts from the sidecar; without one from the raw itself. */
async function readHeader(facts: Facts, room: Room, rawKey: string): Promise<ExposureFacts> {
  const header = await readRawHeader(room.ports.raw, rawKey, { signal: room.signal });
  if (!header)
    throw new Fault('NS_OBJECT_MISSING', `The raw ${rawKey} was announced, but is not in the bucket.`);
  return reading(`The header of ${rawKey}`, () => exposureOf(facts.instrument, header.keywords));
}
