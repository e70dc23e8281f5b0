import { expect, it } from 'vitest';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import { followTopic } from '../../../cli/console/follow-topic.ts';
import { testFolder } from '../../support/folders.ts';

async function topicWith(count: number) {
  const data = testFolder();
  const [log, writer] = [await sqliteLogReader({ data }), await sqliteLogWriter({ data })];
  let written = 0;
  const write = async (more: number) => {
    const values = Array.from({ length: more }, () => ({ value: String(written++) }));
    await writer.append('topic', values);
  };
  await write(count);
  return { log, write, close: () => Promise.all([log.close(), writer.close()]) };
}

const collect = async (follow: ReturnType<typeof followTopic>): Promise<number[]> => {
  const values: number[] = [];
  await follow(({ value }) => values.push(Number(Buffer.from(value).toString())));
  return values.sort((a, b) => a - b);
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

it('hands on each record once, those that come later with the next call', async () => {
  const { log, write, close } = await topicWith(25);
  const follow = followTopic(log, 'topic');
  expect(await collect(follow)).toEqual(range(0, 25));
  expect(await collect(follow)).toEqual([]);
  await write(7);
  expect(await collect(follow)).toEqual(range(25, 32));
  await close();
});

it('passes over all but the newest, at its first call and after a long time', async () => {
  const { log, write, close } = await topicWith(400);
  const partitions = (await log.partitions('topic')).length;
  const follow = followTopic(log, 'topic', { newest: 20 });
  const first = await collect(follow);
  expect(first.length).toBeLessThanOrEqual(20 + partitions);
  expect(first).toEqual(expect.arrayContaining(range(390, 400)));
  await write(300);
  const second = await collect(follow);
  expect(second.length).toBeLessThanOrEqual(20 + partitions);
  expect(second).toEqual(expect.arrayContaining(range(690, 700)));
  await close();
});
