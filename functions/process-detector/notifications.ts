import { type Fault, isFault } from 'openfaas-sdk-ts';
import { arrivalKeyOf, arrivalKeyText } from '#shared/domain/ids/arrival-key.ts';
import { detectorNameOf } from '#shared/domain/ids/object-key.ts';
import { parseNotification } from '#shared/domain/ingest/notification.ts';
import { readRawHeader } from '#shared/ports/raw-header.ts';
import type { Facts, Room } from './facts.ts';

/**
 * The slot's raw by the bucket's own notifications, for when presence does not answer: reads the bucket's topic from
 * the moment nextVisit was sent, and asks the sidecar of each object of this detector for its group.
 * Without a topic the fault of presence stands.
 */
export async function findInNotifications(
  facts: Facts,
  room: Room,
  fault: Fault,
): Promise<string | undefined> {
  const topic = room.config.BUCKET_TOPIC;
  if (!topic) throw fault;
  const { notifications } = room.ports;
  const wanted = arrivalKeyText({
    instrument: facts.instrument.name,
    group: facts.request.groupId,
    snap: 0,
    detector: facts.detector.name,
  });
  const ranges = await notifications.partitions(topic);
  const starts = await notifications.offsetsAt(topic, facts.request.private_sndStamp * 1000);
  for (const { partition, end } of ranges) {
    const from = starts.find((start) => start.partition === partition)?.offset ?? end;
    for await (const record of notifications.read(topic, {
      partition,
      from,
      until: end,
      signal: room.signal,
    })) {
      for (const object of parseNotification(record.value)) {
        if (detectorNameOf(object.key) !== facts.detector.name) continue;
        if ((await arrivalText(object.key, room)) === wanted) return `s3://${object.bucket}/${object.key}`;
      }
    }
  }
  return undefined;
}

async function arrivalText(key: string, { ports, signal }: Room): Promise<string | undefined> {
  const header = await readRawHeader(ports.raw, key, { signal }).catch((error): undefined => {
    // A file that says nothing of itself is not the one that is looked for.
    if (!isFault(error, 'NS_RECORD_UNREADABLE')) throw error;
  });
  const arrival = header && arrivalKeyOf(header.keywords);
  return arrival && arrivalKeyText(arrival);
}
