import type { ConfigOf, TopicTrigger } from '../define-function.ts';
import { blamed, createGate, inWords } from '../gate.ts';
import type { TopicSink, TopicSource } from '../sources.ts';
import type { Run } from './run.ts';
import { retryTopic, triedBefore, untried } from './set-aside.ts';
import { type Reader, workThrough } from './topic-batch.ts';

/** A source that has run so long without an error answers again. */
const steadySeconds = 10;

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
  const common = {
    group,
    limitSeconds: trigger.limitSeconds,
    attempts: trigger.attempts ?? 5,
    aside,
    handle: (records, signal) => trigger.handle(records, { ...run.context, signal }),
  } satisfies Partial<Reader>;
  const again = retryTopic(group);
  // That nobody has made the retry topic yet is an alarm, and no reason to give the worker's place back.
  const patient = { ...run, heldLong: () => {} };
  // Members of one Kafka group must read the same topics, so the retry topic has a group of its own.
  await Promise.all([
    read(
      log,
      { topic: name, group, from: trigger.from ?? 'earliest', batch: trigger.batch },
      { ...common, run, gate: createGate('topic', run), unpack: untried },
    ),
    read(
      aside,
      { topic: again, group: again, from: 'earliest', batch: trigger.batch },
      { ...common, run: patient, gate: createGate('topic', patient), unpack: triedBefore },
    ),
  ]);
}

type Asked = Omit<Parameters<TopicSource['consume']>[0], 'signal'>;

/** A source that fails is held for, as a handler's dependency is: no crash loop, and the alarm names it. */
async function read(source: TopicSource, asked: Asked, reader: Reader): Promise<void> {
  const { topic, group } = asked;
  const { run } = reader;
  const gate = createGate('topic', run);
  run.metrics.watchLag('topic', topic, () => source.lag(topic, group));
  while (!run.pulling.aborted) {
    await gate.pass(run.pulling);
    if (run.pulling.aborted) return;
    const steady = setTimeout(() => gate.open(), steadySeconds * 1000);
    try {
      await source.consume({ ...asked, signal: run.pulling }, (batch) => workThrough(batch, reader));
      if (!run.pulling.aborted) throw new Error(`the consumer of ${topic} ended by itself`);
    } catch (error) {
      if (!run.pulling.aborted) gate.hold(blamed(error, topic), inWords(error));
      else run.log.warn({ err: error, topic }, `${topic} was left in mid-batch: ${inWords(error)}`);
    } finally {
      clearTimeout(steady);
    }
  }
}
