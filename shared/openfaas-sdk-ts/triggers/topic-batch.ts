import { Fault, isFault } from '../faults.ts';
import { type Gate, pause } from '../gate.ts';
import type { Outcome } from '../outcome.ts';
import type { NewRecord, TopicBatch, TopicRecord, TopicSink } from '../sources.ts';
import { readMark, writeMark } from './attempt-mark.ts';
import { every, insist, type Run } from './run.ts';
import { deadRecord, deadTopic, retryRecord, retryTopic, type Tried, withoutValue } from './set-aside.ts';
import { tryUnits } from './try-units.ts';

/** Well under the 10 s after which a silent member is put out of its group (drivers/kafka). */
const heartbeatSeconds = 3;

/** How the batches of one topic are worked. */
export interface Reader {
  readonly group: string;
  readonly limitSeconds: number;
  readonly attempts: number;
  readonly aside: TopicSink;
  readonly gate: Gate;
  readonly run: Run<unknown>;
  unpack(record: TopicRecord): Tried;
  handle(records: readonly TopicRecord[], signal: AbortSignal): Promise<Outcome[]>;
}

/** A record of the batch in hand. `deaths`: how often a process died with it in hand here. */
interface Pending extends Tried {
  readonly deaths: number;
}

const attemptOf = ({ spent, deaths }: Pending): number => spent + deaths + 1;

/**
 * Works a batch to its end or to the drain. A batch with a mark in it is one that somebody died with: its records are
 * taken one by one. Each record leaves it by being done or by standing on the retry or dead topic; the offset follows.
 */
export async function workThrough(batch: TopicBatch, reader: Reader): Promise<void> {
  const { run } = reader;
  const mark = readMark(batch.metadata);
  const next = batch.records[batch.records.length - 1].offset + 1n;
  const oneByOne = batch.records.some(({ offset }) => offset === mark?.offset);
  let pending: Pending[] = batch.records.map((record) => ({
    ...reader.unpack(record),
    deaths: mark && record.offset === mark.offset ? mark.attempt : 0,
  }));
  const stopBeating = every(heartbeatSeconds, () => batch.heartbeat(), run.log);
  try {
    while (pending.length > 0) {
      await untilDue(pending, reader);
      if (run.pulling.aborted) return;
      const taken = chooseRecords(pending, oneByOne, reader);
      // A timer may end a little early.
      if (taken.length === 0) continue;
      const [{ record, deaths }] = taken;
      await batch.commit(pending[0].record.offset, writeMark({ attempt: deaths + 1, offset: record.offset }));
      const held = await workOn(taken, reader);
      pending = pending.filter((each) => !taken.includes(each) || held.has(each));
      await batch.commit(pending[0]?.record.offset ?? next, markOf(pending[0]));
    }
  } finally {
    stopBeating();
  }
}

/** A death counted before stays counted when the attempt of now is given back. */
const markOf = (first: Pending | undefined): string =>
  first && first.deaths > 0 ? writeMark({ attempt: first.deaths, offset: first.record.offset }) : '';

async function untilDue(pending: readonly Pending[], { gate, run }: Reader): Promise<void> {
  await gate.pass(run.pulling);
  const waitMs = Math.min(...pending.map(({ dueMs }) => dueMs)) - run.time.wall();
  if (waitMs > 0) await pause(waitMs / 1000, run.pulling);
}

/** Those whose time has come; one alone after a death, as the probe of a held gate, or to be set aside untried. */
function chooseRecords(
  pending: readonly Pending[],
  oneByOne: boolean,
  { attempts, gate, run }: Reader,
): readonly Pending[] {
  const now = run.time.wall();
  const due = pending.filter(({ dueMs }) => dueMs <= now);
  const spent = due.find((each) => attemptOf(each) > attempts);
  if (spent) return [spent];
  return oneByOne || gate.heldBy !== undefined ? due.slice(0, 1) : due;
}

/** Tries records and sets aside those that did not end well; the answer are those held, which stay in hand. */
async function workOn(taken: readonly Pending[], reader: Reader): Promise<Set<Pending>> {
  const { gate, run } = reader;
  run.metrics.received('topic', taken.length);
  const asked = {
    trigger: 'topic',
    item: taken[0].source,
    attempts: taken.map(attemptOf),
    mostAttempts: reader.attempts,
    limitSeconds: reader.limitSeconds,
    stops: [run.stop],
    handle: (signal: AbortSignal) =>
      reader.handle(
        taken.map(({ record }) => record),
        signal,
      ),
  };
  const outcomes = await tryUnits(asked, run);
  const held = new Set<Pending>();
  for (const [i, each] of taken.entries()) {
    const outcome = outcomes[i];
    run.metrics.ended('topic', outcome.kind);
    if (outcome.kind === 'hold') held.add(each);
    else if (outcome.kind !== 'done') await setAside(each, outcome, reader);
  }
  const hold = outcomes.find((outcome) => outcome.kind === 'hold');
  if (hold) gate.hold(hold.dependency, hold.why);
  else gate.open();
  return held;
}

async function setAside(
  each: Pending,
  outcome: Extract<Outcome, { kind: 'retry' | 'dead' }>,
  { aside, group, run }: Reader,
): Promise<void> {
  const attempt = attemptOf(each);
  const { kind, why } = outcome;
  const fields = { trigger: 'topic', item: each.source, attempt, outcome: kind, why };
  if (kind === 'dead') run.log.error(fields, `record set aside: ${why}`);
  else run.log.warn(fields, `record to be tried again: ${why}`);
  const [topic, copy] =
    kind === 'dead'
      ? [deadTopic(group), deadRecord(each, attempt, why)]
      : [retryTopic(group), retryRecord(each, attempt, run.time.wall() + outcome.afterSeconds * 1000, why)];
  const what = `appending ${each.source} to ${topic}`;
  const appended = await insist(() => append(aside, topic, copy), { log: run.log, stop: run.stop, what });
  if (!appended) throw new Fault('NS_STOPPED', `${what} was cut short; the record is not committed.`);
}

async function append(sink: TopicSink, topic: string, record: NewRecord): Promise<true> {
  const [first] = await sink.append(topic, [record]);
  if (first.ok) return true;
  if (!isFault(first.fault, 'NS_RECORD_TOO_LARGE')) throw first.fault;
  const [second] = await sink.append(topic, [withoutValue(record)]);
  if (second.ok) return true;
  throw second.fault;
}
