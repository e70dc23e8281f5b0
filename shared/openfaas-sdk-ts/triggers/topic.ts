import type { ConfigOf, TopicTrigger } from '../define-function.ts';
import { Fault, isFault } from '../faults.ts';
import { blamed, createGate, type Gate, inWords, pause } from '../gate.ts';
import { logWith } from '../log.ts';
import { dead, type Outcome } from '../outcome.ts';
import { outcomeOfError } from '../outcome-of-error.ts';
import type { NewRecord, TopicBatch, TopicRecord, TopicSink, TopicSource } from '../sources.ts';
import { afterAttempts, withinLimit } from '../unit.ts';
import { every, insist, type Run } from './run.ts';
import {
  asItCame,
  deadRecord,
  deadTopic,
  notBeforeMs,
  retryRecord,
  retryTopic,
  sourceOf,
  spentAttempts,
  withoutValue,
} from './set-aside.ts';

/** Well under the 10 s after which a silent member is put out of its group (drivers/kafka). */
const heartbeatSeconds = 3;

/** A source that has run so long without an error answers again. */
const steadySeconds = 10;

interface Reader<C> {
  readonly group: string;
  readonly limitSeconds: number;
  readonly attempts: number;
  readonly aside: TopicSink;
  readonly gate: Gate;
  readonly run: Run<C>;
  handle(records: readonly TopicRecord[], signal: AbortSignal): Promise<Outcome[]>;
}

/** Works a topic and its retry topic side by side until the drain begins. */
export async function runTopic<C extends { readonly config: unknown }>(
  trigger: TopicTrigger<C>,
  log: TopicSource,
  aside: TopicSource & TopicSink,
  run: Run<C>,
): Promise<void> {
  const config = run.context.config as ConfigOf<C>;
  const name = typeof trigger.name === 'string' ? trigger.name : trigger.name(config);
  const group = typeof trigger.group === 'string' ? trigger.group : trigger.group(config);
  const read = (source: TopicSource, asked: { topic: string; group: string }, reading: Run<C>) => {
    run.metrics.watchLag('topic', asked.topic, () => source.lag(asked.topic, asked.group));
    const reader: Reader<C> = {
      group,
      limitSeconds: trigger.limitSeconds,
      attempts: trigger.attempts ?? 5,
      aside,
      gate: createGate('topic', reading),
      run: reading,
      handle: (records, signal) => trigger.handle(records, { ...run.context, signal }),
    };
    const from = asked.topic === name ? (trigger.from ?? 'earliest') : 'earliest';
    const options = { ...asked, from, batch: trigger.batch, signal: run.pulling };
    return keepConsuming(
      asked.topic,
      () => source.consume(options, (batch) => workThrough(batch, reader)),
      reading,
    );
  };
  const again = retryTopic(group);
  // Members of one Kafka group must read the same topics, so the retry topic has a group of its own. That it cannot be
  // read (nobody has made it yet) is an alarm, and no reason to give the worker's place back.
  await Promise.all([
    read(log, { topic: name, group }, run),
    read(aside, { topic: again, group: again }, { ...run, heldLong: () => {} }),
  ]);
}

/** A source that fails is held for, as a handler's dependency is: no crash loop, and the alarm names it. */
async function keepConsuming<C>(topic: string, consume: () => Promise<void>, run: Run<C>): Promise<void> {
  const gate = createGate('topic', run);
  while (!run.pulling.aborted) {
    await gate.pass(run.pulling);
    if (run.pulling.aborted) return;
    const steady = setTimeout(() => gate.open(), steadySeconds * 1000);
    try {
      await consume();
      if (!run.pulling.aborted) throw new Error(`the consumer of ${topic} ended by itself`);
    } catch (error) {
      if (run.pulling.aborted) {
        run.log.warn({ err: error, topic }, `${topic} was left in mid-batch: ${inWords(error)}`);
        return;
      }
      gate.hold(blamed(error, topic), inWords(error));
    } finally {
      clearTimeout(steady);
    }
  }
}

/** A record of the batch in hand. `deaths`: how often a process died with it in hand, read from the commit's metadata. */
interface Pending {
  readonly record: TopicRecord;
  readonly spent: number;
  readonly deaths: number;
  readonly dueMs: number;
}

/** What is committed beside the unchanged offset before records are tried: Kafka itself has no delivery count. */
interface AttemptMark {
  readonly attempt: number;
  readonly offset: bigint;
}

export function writeMark({ attempt, offset }: AttemptMark): string {
  return JSON.stringify({ attempt, offset: offset.toString() });
}

/** The mark of a commit's metadata; other metadata (another client's) is none. */
export function readMark(metadata: string): AttemptMark | undefined {
  const found = /^\{"attempt":(\d+),"offset":"(\d+)"\}$/.exec(metadata);
  return found ? { attempt: Number(found[1]), offset: BigInt(found[2]) } : undefined;
}

/**
 * Works a batch to its end or to the drain. A batch with a mark in it is one that somebody died with: its records are
 * taken one by one. Each record leaves it by being done or by standing on the retry or dead topic; the offset follows.
 */
async function workThrough<C>(batch: TopicBatch, reader: Reader<C>): Promise<void> {
  const { run, gate } = reader;
  const mark = readMark(batch.metadata);
  const next = batch.records[batch.records.length - 1].offset + 1n;
  const oneByOne = batch.records.some(({ offset }) => offset === mark?.offset);
  let pending: Pending[] = batch.records.map((record) => ({
    record: asItCame(record),
    spent: spentAttempts(record),
    deaths: record.offset === mark?.offset ? mark.attempt : 0,
    dueMs: notBeforeMs(record),
  }));
  const stopBeating = every(heartbeatSeconds, () => batch.heartbeat(), run.log);
  try {
    while (pending.length > 0) {
      await untilDue(pending, reader);
      if (run.pulling.aborted) return;
      const now = run.time.wall();
      const due = pending.filter(({ dueMs }) => dueMs <= now);
      const taken = oneByOne || gate.heldBy !== undefined ? due.slice(0, 1) : due;
      const { record, deaths } = taken[0];
      await batch.commit(pending[0].record.offset, writeMark({ attempt: deaths + 1, offset: record.offset }));
      const held = await workOn(taken, reader);
      pending = pending.filter((each) => !taken.includes(each) || held.has(each));
      await batch.commit(pending[0]?.record.offset ?? next, remainingMark(pending[0]));
    }
  } finally {
    stopBeating();
  }
}

/** A death counted before stays counted when the attempt of now is given back. */
const remainingMark = (first: Pending | undefined): string =>
  first && first.deaths > 0 ? writeMark({ attempt: first.deaths, offset: first.record.offset }) : '';

async function untilDue<C>(pending: readonly Pending[], { gate, run }: Reader<C>): Promise<void> {
  await gate.pass(run.pulling);
  const waitMs = Math.min(...pending.map(({ dueMs }) => dueMs)) - run.time.wall();
  if (waitMs > 0) await pause(waitMs / 1000, run.pulling);
}

/** Tries records and sets aside those that did not end well; the answer are those held, which stay in hand. */
async function workOn<C>(taken: readonly Pending[], reader: Reader<C>): Promise<Set<Pending>> {
  const { gate, run } = reader;
  run.metrics.received('topic', taken.length);
  const outcomes = await outcomesOf(taken, reader);
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

const attemptOf = ({ spent, deaths }: Pending): number => spent + deaths + 1;

async function outcomesOf<C>(taken: readonly Pending[], reader: Reader<C>): Promise<Outcome[]> {
  const { run, attempts } = reader;
  const attempt = attemptOf(taken[0]);
  if (attempt > attempts) {
    return [dead(`tried ${attempt - 1} times without an end: the process died with it in hand`)];
  }
  const fields = { trigger: 'topic', item: sourceOf(taken[0].record), attempt };
  const records = taken.map(({ record }) => record);
  const work = (signal: AbortSignal) => logWith(fields, () => reader.handle(records, signal));
  try {
    const outcomes = await run.metrics.timed('topic', () =>
      withinLimit(reader.limitSeconds, [run.stop], work),
    );
    if (outcomes.length !== taken.length) {
      throw new Fault(
        'NS_UNEXPECTED',
        `The handler gave ${outcomes.length} outcomes for ${taken.length} records.`,
      );
    }
    return outcomes.map((outcome, i) => afterAttempts(outcome, attemptOf(taken[i]), attempts));
  } catch (error) {
    run.log.error({ err: error, ...fields }, `the handler failed: ${inWords(error)}`);
    return taken.map((each) =>
      afterAttempts(outcomeOfError(error, attemptOf(each)), attemptOf(each), attempts),
    );
  }
}

async function setAside<C>(
  each: Pending,
  outcome: Extract<Outcome, { kind: 'retry' | 'dead' }>,
  { aside, group, run }: Reader<C>,
): Promise<void> {
  const { record } = each;
  const attempt = attemptOf(each);
  const fields = {
    trigger: 'topic',
    item: sourceOf(record),
    attempt,
    outcome: outcome.kind,
    why: outcome.why,
  };
  const [topic, copy] =
    outcome.kind === 'dead'
      ? [deadTopic(group), deadRecord(record, attempt, outcome.why)]
      : [
          retryTopic(group),
          retryRecord(record, attempt, run.time.wall() + outcome.afterSeconds * 1000, outcome.why),
        ];
  if (outcome.kind === 'dead') run.log.error(fields, `record set aside: ${outcome.why}`);
  else run.log.warn(fields, `record to be tried again: ${outcome.why}`);
  const what = `appending ${fields.item} to ${topic}`;
  const appended = await insist(() => append(aside, topic, copy), { log: run.log, stop: run.stop, what });
  if (appended === undefined)
    throw new Fault('NS_STOPPED', `${what} was cut short; the record is not committed.`);
}

async function append(sink: TopicSink, topic: string, record: NewRecord): Promise<true> {
  const [first] = await sink.append(topic, [record]);
  if (first.ok) return true;
  if (!isFault(first.fault, 'NS_RECORD_TOO_LARGE')) throw first.fault;
  const [second] = await sink.append(topic, [withoutValue(record)]);
  if (second.ok) return true;
  throw second.fault;
}
