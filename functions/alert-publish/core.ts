import { createHash } from 'node:crypto';
import { type Appended, dead, done, hold, type NewRecord, type Outcome, retry } from 'openfaas-sdk-ts';
import { type BundleNotice, type BundlePacket, readBundle } from '#shared/domain/alert/bundle.ts';

/** Place of a bundle's send note: the public topic's end offsets from before the first send. */
export const sentKey = (bundleKey: string): string => `${bundleKey}.sent.json`;

/** The bundle's packets. @throws RangeError where the bytes are not those that the notice names. */
export function openBundle(notice: BundleNotice, bytes: Uint8Array): BundlePacket[] {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== notice.sha256) {
    throw new RangeError(
      `The bundle ${notice.uri} has the digest ${sha256}; its notice says ${notice.sha256}.`,
    );
  }
  const packets = [...readBundle(bytes)];
  if (packets.length !== notice.count) {
    throw new RangeError(
      `The bundle ${notice.uri} holds ${packets.length} packets; its notice says ${notice.count}.`,
    );
  }
  return packets;
}

/** A packet as a record of the public topic: the original's form, no key, with our `id` beside its one header. */
export const publicRecord = (packet: BundlePacket, producedMs: number): NewRecord => ({
  value: packet.wire,
  headers: { producer_timestamp: producedMs.toFixed(1), id: packet.diaSourceId.toString() },
});

/** What becomes of a bundle by what became of its packets: those that were acknowledged are out for good. */
export function judge(packets: readonly BundlePacket[], outcomes: readonly Appended[]): Outcome {
  const failed = packets.flatMap((packet, index) => {
    const outcome = outcomes[index];
    return outcome?.ok ? [] : [{ id: packet.diaSourceId, fault: outcome?.fault }];
  });
  if (failed.length === 0) return done;
  const dependency = failed.find(({ fault }) => fault?.blame === 'dependency')?.fault;
  if (dependency) return hold('public log', dependency.message);
  const ids = failed.map(({ id }) => id).join(', ');
  const why = `${failed.length} of ${packets.length} alerts were refused by the public topic (${ids}): ${failed[0]?.fault?.message}`;
  return failed.every(({ fault }) => fault?.code === 'NS_RECORD_TOO_LARGE') ? dead(why) : retry(2, why);
}
