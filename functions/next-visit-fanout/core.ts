import { slotText } from '#shared/domain/ids/slot.ts';
import { type NextVisit, streamFields } from '#shared/domain/visit/next-visit.ts';
import { workStreamName } from '#shared/domain/visit/work-stream-name.ts';
import type { StreamEntry } from '#shared/ports/work-stream.ts';

export type Plan =
  | {
      readonly kind: 'fan out';
      readonly stream: string;
      readonly group: string;
      readonly entries: readonly StreamEntry[];
    }
  | { readonly kind: 'drop'; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string };

export interface Situation {
  readonly nightMs: number;
  readonly expirationSeconds: number;
  /** Instruments that this service works for, with their active detectors. */
  readonly active: ReadonlyMap<string, readonly number[]>;
}

/** What an event becomes: one entry a detector, or nothing (next_visit_fan_out's rules). `efdStamp`: Unix s UTC. */
export function planFanOut(event: NextVisit, efdStamp: number, situation: Situation): Plan {
  if (event.instrument === '') return { kind: 'drop', why: 'it is no observation: its instrument is empty' };
  // A missing stamp is 0; the original lets such an event pass.
  const ageSeconds = efdStamp === 0 ? 0 : Math.round(situation.nightMs / 1000 - efdStamp);
  if (ageSeconds > situation.expirationSeconds) {
    return {
      kind: 'drop',
      why: `it is ${ageSeconds} s old, more than MESSAGE_EXPIRATION ${situation.expirationSeconds}`,
    };
  }
  const detectors = situation.active.get(event.instrument);
  if (!detectors) {
    const known = [...situation.active.keys()].join(', ');
    return {
      kind: 'refuse',
      why: `nextVisit names the instrument '${event.instrument}', which is not one of ${known}: to work on it, add it to SUPPORTED_INSTRUMENTS and the instrument file`,
    };
  }
  const slot = (detector: number) =>
    slotText({ instrument: event.instrument, group: event.groupId, detector });
  return {
    kind: 'fan out',
    ...workStreamName(event.instrument),
    entries: detectors.map((detector) => ({ item: slot(detector), fields: streamFields(event, detector) })),
  };
}
