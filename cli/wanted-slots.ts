import { join, resolve } from 'node:path';
import { unframe } from '#shared/domain/alert/wire.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import { decodeNextVisit } from '#shared/domain/visit/decode-next-visit.ts';
import { readInstrumentConfig } from '#shared/wiring/instrument-config.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { schemaRegistry } from '#shared/wiring/schema-registry.ts';
import { allRecords } from './gather-evidence.ts';
import { withPort } from './open-port.ts';

/** Slots that the nextVisit topic asks for: each event of a known instrument, times its active detectors. */
export async function wantedSlots(data: string): Promise<string[]> {
  const topic = process.env.NEXT_VISIT_TOPIC ?? 'lsst.sal.ScriptQueue.logevent_nextVisit';
  const active = readInstrumentConfig(
    process.env.INSTRUMENT_CONFIG_FILE ?? join(resolve(data), 'instruments.yaml'),
  );
  const slots = new Set<string>();
  await withPort(schemaRegistry, data, (registry) =>
    withPort(logReader('next-visit'), data, async (log) => {
      for await (const { value } of allRecords(log, topic)) {
        const { schemaId, body } = unframe(value);
        const schema = await registry.schemaById(schemaId);
        if (!schema) continue;
        const { instrument, groupId } = decodeNextVisit(schemaId, schema, body);
        for (const detector of active.get(instrument) ?? [])
          slots.add(slotText({ instrument, group: groupId, detector }));
      }
    }),
  );
  return [...slots];
}
