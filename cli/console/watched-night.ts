import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { TopicRecord } from 'openfaas-sdk-ts';
import pino from 'pino';
import { alertKey } from '#shared/domain/alert/archive-key.ts';
import { type Alert, decodeAlert } from '#shared/domain/alert/packet.ts';
import { ledgerTopic, parseLedgerEntry } from '#shared/domain/ledger/entry.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { environmentOf } from '../open-port.ts';
import { newestAlerts } from './alert-rows.ts';
import { followTopic } from './follow-topic.ts';
import { visitLedger } from './visit-ledger.ts';

const decompress = promisify(gunzip);

/** Several pages that ask at once, or in a row, are one look at the log. */
const lookEveryMs = 200;

/**
 * The ledger and the public topic of a data folder, kept up with. Only a look reads: nobody looking costs nothing. Its
 * ports, which only read, stay open as long as the process.
 */
export type WatchedNight = Awaited<ReturnType<typeof watchNight>>;

export async function watchNight(data: string, publicTopic: string) {
  const log = pino({ base: { fn: 'console' } });
  const context = { environment: environmentOf(data), log, functionName: 'console' };
  const prompt = await logReader('prompt').open(context);
  const published = await logReader('public').open(context);
  const archive = await objectStore('archive').open(context);
  const visits = visitLedger();
  const alerts = newestAlerts();
  const newEntries = followTopic(prompt, ledgerTopic);
  const newAlerts = followTopic(published, publicTopic, { newest: 500 });
  let looking: Promise<void> | undefined;
  let lookedMs = Number.NEGATIVE_INFINITY;

  async function readOn(): Promise<void> {
    await newEntries(
      passingOver(({ key, value }) =>
        visits.add(Buffer.from(key ?? []).toString(), parseLedgerEntry(Buffer.from(value).toString())),
      ),
    );
    visits.settle();
    await newAlerts(passingOver(alerts.add));
    alerts.settle();
    lookedMs = performance.now();
  }

  /** A record that cannot be read is said so once, and hides nothing behind it. */
  const passingOver = (each: (record: TopicRecord) => void) => (record: TopicRecord) => {
    try {
      each(record);
    } catch (err) {
      const { topic, partition, offset } = record;
      log.warn(
        { err, topic, partition, offset: String(offset) },
        'a record cannot be read, so the page lacks it',
      );
    }
  };

  async function fromTopic(id: bigint): Promise<Alert | undefined> {
    const place = alerts.placeOf(id.toString());
    if (!place) return undefined;
    const { partition, offset } = place;
    for await (const { value } of published.read(publicTopic, {
      partition,
      from: offset,
      until: offset + 1n,
    }))
      return decodeAlert(value);
    return undefined;
  }

  return {
    visits,
    alerts,
    /** Reads what came since the last look. */
    look(): Promise<void> {
      if (performance.now() - lookedMs < lookEveryMs) return Promise.resolve();
      looking ??= readOn().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    /** From the archive, or from the topic in the seconds before it is archived. */
    async alert(id: bigint): Promise<{ alert: Alert; archived: boolean } | undefined> {
      const stored = await archive.get(alertKey(id));
      if (stored) return { alert: decodeAlert(await decompress(stored)), archived: true };
      const alert = await fromTopic(id);
      return alert && { alert, archived: false };
    },
  };
}
