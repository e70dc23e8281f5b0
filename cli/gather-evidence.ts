import { isFault } from 'openfaas-sdk-ts';
import { arrivalKeyOf } from '#shared/domain/ids/arrival-key.ts';
import { detectorByName, findInstrument } from '#shared/domain/ids/instruments.ts';
import { parseSlot, slotText } from '#shared/domain/ids/slot.ts';
import type { Evidence } from '#shared/domain/ledger/check.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import type { LogReader } from '#shared/ports/log-reader.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { readRawHeader } from '#shared/ports/raw-header.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { sourceStore } from '#shared/wiring/source-store.ts';
import { workQueue } from '#shared/wiring/work-queue.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { allRecords } from './all-records.ts';
import { withPort } from './open-port.ts';
import { wantedSlots } from './wanted-slots.ts';

/** Topics whose records the functions set aside as dead (design: `{group}.dead`). */
const deadTopics = ['next-visit-fanout.dead', 'alert-publish.dead', 'archive-write.dead'];

/** Reads all that `ledger --check` counts anew. No counter and no line of the ledger is among it. */
export async function gatherEvidence(data: string, publicTopic: string): Promise<Evidence> {
  const wanted = await wantedSlots(data);
  const instruments = [...new Set(wanted.map((slot) => parseSlot(slot).instrument))];
  const streams = instruments.map(workStreamName);
  const claims = await withPort(sourceStore, data, (store) => store.claimsOfSlots(wanted));
  const written = await withPort(sourceStore, data, async (store) => {
    const rows = await Promise.all(claims.map(({ visit, detector }) => store.sourcesOf(visit, detector)));
    return rows.flat().map(({ diaSourceId }) => diaSourceId);
  });
  const inStreams = await withPort(workStream('process'), data, async (stream) => ({
    unfinished: (
      await Promise.all(streams.map((named) => stream.unfinished(named.stream, named.group)))
    ).flat(),
    dead: (await Promise.all(streams.map((named) => stream.deadLetters(named.stream)))).flat(),
  }));
  const bucket = process.env.BUCKET ?? 'raw';
  const deadFiles = await withPort(workQueue, data, (queue) => queue.deadLetters(`QUEUE:${bucket}`));
  return {
    wanted,
    arrived: await withPort(objectStore('raw'), data, arrivedSlots),
    claims,
    unfinished: new Set(inStreams.unfinished.map(({ item }) => item)),
    written,
    published: await withPort(logReader('public'), data, (log) => idsOnTopic(log, publicTopic)),
    archived: await withPort(objectStore('archive'), data, idsInArchive),
    deadLetters: [
      ...inStreams.dead,
      ...deadFiles,
      ...(await withPort(logReader('prompt'), data, (log) => deadRecords(log))),
    ],
  };
}

/** Slots of the raws in the bucket, by their headers. */
async function arrivedSlots(raw: ObjectStore): Promise<Set<string>> {
  const slots = new Set<string>();
  for await (const { key } of raw.list('')) {
    if (!/\.fits(\.fz)?$/.test(key)) continue;
    const header = await readRawHeader(raw, key).catch(undefinedWhereUnreadable);
    const arrival = header && arrivalKeyOf(header.keywords);
    const instrument = arrival && findInstrument(arrival.instrument);
    const detector = instrument && detectorByName(instrument, arrival.detector);
    if (detector)
      slots.add(slotText({ instrument: instrument.name, group: arrival.group, detector: detector.number }));
  }
  return slots;
}

/** A raw that says nothing of itself cannot be counted: it stands among the dead letters of its queue. */
function undefinedWhereUnreadable(error: unknown): undefined {
  if (!isFault(error, 'NS_RECORD_UNREADABLE')) throw error;
}

async function idsOnTopic(log: LogReader, topic: string): Promise<bigint[]> {
  const ids: bigint[] = [];
  for await (const { headers } of allRecords(log, topic)) if (headers.id) ids.push(BigInt(headers.id));
  return ids;
}

async function idsInArchive(archive: ObjectStore): Promise<bigint[]> {
  const ids: bigint[] = [];
  for await (const { key } of archive.list('v2/alerts/')) {
    const id = /\/(\d+)\.avro(\.gz)?$/.exec(key)?.[1];
    if (id) ids.push(BigInt(id));
  }
  return ids;
}

async function deadRecords(log: LogReader): Promise<{ item: string; cause: string }[]> {
  const dead: { item: string; cause: string }[] = [];
  for (const topic of deadTopics) {
    for await (const { headers, offset } of allRecords(log, topic)) {
      dead.push({ item: `${topic}#${offset}`, cause: headers.cause ?? 'no cause given' });
    }
  }
  return dead;
}
