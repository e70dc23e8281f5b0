import { dead, done, type Outcome, type QueueUnit, retry } from 'openfaas-sdk-ts';
import { instrumentOf, type RawRecord, rawRecordOf } from '#shared/domain/butler/raw-record.ts';
import type { Sidecar } from '#shared/domain/butler/sidecar.ts';
import { arrivalKeyOf } from '#shared/domain/ids/arrival-key.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import type { LedgerEntry } from '#shared/domain/ledger/entry.ts';
import { taiNsFromUnixNs } from '#shared/domain/time/scales.ts';
import type { Arrival } from '#shared/ports/arrivals.ts';
import type { IngestOutcome } from '#shared/ports/butler.ts';

/** One raw file of a batch, as its header tells of it. */
export interface RawFile {
  readonly unit: QueueUnit;
  readonly record: RawRecord;
  /** What presence will answer; absent for guiders, and for exposures without a group, which nobody asks for. */
  readonly arrival?: Arrival;
}

/** @throws RangeError or InvalidId naming what the header lacks. */
export function describeFile(unit: QueueUnit, sidecar: Sidecar, sizeBytes: number): RawFile {
  const record = rawRecordOf(instrumentOf(sidecar), sidecar, unit.item, sizeBytes);
  const key = record.detector.purpose === 'GUIDER' ? undefined : arrivalKeyOf(sidecar);
  return { unit, record, ...(key && { arrival: { ...key, uri: record.uri } }) };
}

export interface Patience {
  readonly nightMs: number;
  /** Seconds after its end for which a guider's stamps wait for their exposure. */
  readonly guiderWaitSeconds: number;
}

/** Longest pause between two looks for a guider's exposure. */
const longestLookSeconds = 300;

/** What becomes of a file by what the registry said. A guider's wait is bounded by time, not by attempts. */
export function judge({ unit, record }: RawFile, said: IngestOutcome, patience: Patience): Outcome {
  switch (said.kind) {
    case 'ingested':
    case 'present':
      return done;
    case 'conflict':
      return dead(`${unit.item} cannot be ingested: ${said.why}`);
    case 'no exposure': {
      const { obs_id, timespan } = record.exposure;
      const nightTaiNs = taiNsFromUnixNs(BigInt(Math.round(patience.nightMs)) * 1_000_000n);
      const waitedSeconds = Number(nightTaiNs - timespan.end) / 1e9;
      const why = `${unit.item} waits for the exposure ${obs_id}, of which no science raw is ingested`;
      return waitedSeconds > patience.guiderWaitSeconds
        ? dead(`${why}; that is over after MAX_GUIDER_WAIT ${patience.guiderWaitSeconds} s`)
        : retry(Math.min(longestLookSeconds, 2 ** unit.attempt), why);
    }
  }
}

/** Ends what would be tried again although all its attempts are spent (MAX_FAILURES). */
export const limitFailures = (outcome: Outcome, attempt: number, maxFailures: number): Outcome =>
  outcome.kind === 'retry' && attempt >= maxFailures
    ? dead(`attempt ${attempt} of ${maxFailures} failed: ${outcome.why}`)
    : outcome;

/** Ends a file that was taken too often without an ending: it kills who reads it. Guiders come often, since they wait. */
export const deadlyUnit = ({ item, attempt }: QueueUnit, maxFailures: number): Outcome | undefined =>
  attempt > maxFailures && !/_guider\.[^/]*$/.test(item)
    ? dead(`${item} was taken ${attempt - 1} times and never ended: the process died with it in hand`)
    : undefined;

/** What the ledger is told of files that are ingested: each detector that a nextVisit can have asked for. */
export function arrivedEntries(files: readonly RawFile[], timeMs: number): LedgerEntry[] {
  return files.flatMap(({ record: { detector, exposure }, arrival }) =>
    arrival?.snap === 0
      ? [
          {
            step: 'arrived' as const,
            slot: slotText({
              instrument: exposure.instrument,
              group: arrival.group,
              detector: detector.number,
            }),
            visit: exposure.id,
            detector: detector.number,
            attempt: 1,
            timeMs,
          },
        ]
      : [],
  );
}
