import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { suiteFolder } from '../../support/folders.ts';
import { answer, idOf, plan, publish, put, query, source, start, visitBody } from './requests.ts';

const data = suiteFolder();
const visit = plan.visitAt(20);
let fn: RunningFunction;
beforeAll(async () => {
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  await products.close();
  fn = await start(data);
  await put(fn, '/visit_cache', visitBody(visit));
});
afterAll(() => fn.stop());

/** A body as it comes from the network, in pieces of 64 KiB. */
function streamed(text: string): RequestInit {
  const bytes = Buffer.from(text);
  let sent = 0;
  const body = new ReadableStream({
    pull(stream) {
      stream.enqueue(bytes.subarray(sent, sent + 65_536));
      sent += 65_536;
      if (sent >= bytes.length) stream.close();
    },
  });
  const init = { method: 'PUT', body, duplex: 'half' };
  return init;
}

/** CPU time of this thread, ms: wall time would be the machine's other work too. */
const threadMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** The longest stretch, in ms of CPU time, that this thread works without turning to what else waits. */
async function longestStretch<T>(work: Promise<T>): Promise<{ done: T; ms: number }> {
  let [longest, isOver, last] = [0, false, threadMs()];
  const watch = () => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(watch);
  };
  setImmediate(watch);
  const done = await work;
  isOver = true;
  return { done, ms: longest };
}

it('leaves the main thread free while it answers 70,000 boxes, and others answered meanwhile', async () => {
  const boxes = [0, 1, 2, 3].map((index) => offsetBy(visit.raDeg, visit.decDeg, 3000, 3000 - 10 * index));
  const places = boxes.map((place) => source(0n, place).replace('"diasource_id": 0, ', ''));
  const ids = Array.from({ length: 70_000 }, (_, index) => idOf(index));
  const many = ids.map((id, index) => `{"diasource_id": ${id}, ${places[index % 4].slice(1)}`);
  const large = streamed(query(visit, many));
  const few = Array.from({ length: 20 }, (_, detector) => query(visit, many.slice(0, 100), detector));
  const asked = Promise.all([
    fn.app.request('/diasource_allow_list', large),
    ...few.map((body) => fn.app.request('/diasource_allow_list', { method: 'PUT', body })),
  ]);
  const { done, ms } = await longestStretch(asked);
  const [whole, ...parts] = await Promise.all(done.map((response) => response.text()));
  expect(whole).toBe(answer(visit, ids));
  for (const [detector, text] of parts.entries())
    expect(text).toBe(answer(visit, ids.slice(0, 100), detector));
  expect(ms).toBeLessThan(50);
});
