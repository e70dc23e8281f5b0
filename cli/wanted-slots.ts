import { join, resolve } from 'node:path';
import { PacketError, unframe } from '#shared/domain/alert/wire.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import { decodeNextVisit, type NextVisitEvent } from '#shared/domain/visit/decode-next-visit.ts';
import type { SchemaRegistry } from '#shared/ports/schema-registry.ts';
import { readInstrumentConfig } from '#shared/wiring/instrument-config.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { schemaRegistry } from '#shared/wiring/schema-registry.ts';
import { allRecords } from './all-records.ts';
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
        const event = await readEvent(value, registry);
        if (!event) continue;
        const { instrument, groupId } = event;
        for (const detector of active.get(instrument) ?? [])
          slots.add(slotText({ instrument, group: groupId, detector }));
      }
    }),
  );
  return [...slots];
}

/** Undefined for a record that is no nextVisit event: next-visit-fanout has set it aside, and it wants nothing. */
async function readEvent(value: Uint8Array, registry: SchemaRegistry): Promise<NextVisitEvent | undefined> {
  try {
    const { schemaId, body } = unframe(value);
    const schema = await registry.schemaById(schemaId);
    return schema === undefined ? undefined : decodeNextVisit(schemaId, schema, body);
  } catch (error) {
    if (error instanceof PacketError || error instanceof RangeError) return undefined;
    throw error;
  }
}
