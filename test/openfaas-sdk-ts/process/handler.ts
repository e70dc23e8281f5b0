import { setTimeout as sleep } from 'node:timers/promises';
import type { Wiring } from 'openfaas-sdk-ts';
import { defineFunction, done, startWorker } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import type { WorkQueue } from '#shared/ports/work-queue.ts';
import type { Thread } from './thread.ts';

const queue: Wiring<WorkQueue> = {
  port: 'work-queue',
  role: 'test',
  variables: { NIGHTSHIFT_DATA: { meaning: 'Folder of bus.sqlite.' } },
  choose: () => ({ driver: 'sqlite', why: 'the test says so' }),
  open: ({ environment }) => sqliteWorkQueue({ data: environment('NIGHTSHIFT_DATA') ?? '' }),
};

const thread = () => startWorker<Thread>('../test/openfaas-sdk-ts/process/thread');

/** What the process tests bundle and run: answers after `ms`, works items for UNIT_MS, doubles numbers in a thread. */
export default defineFunction({
  name: 'process-test',
  summary: 'Runs as a process under test.',
  config: z.object({ UNIT_MS: z.coerce.number().default(0).describe('Milliseconds that a unit takes.') }),
  ports: {},
  http(app) {
    app.all('/slow', async (c) => {
      const body = await c.req.text();
      await sleep(Number(c.req.query('ms') ?? 0));
      return c.text(body);
    });
    app.get('/double/:n', async (c) => {
      const worker = thread();
      try {
        return c.text(String(await worker.calls.double(Number(c.req.param('n')))));
      } finally {
        await worker.stop();
      }
    });
  },
  queue: {
    queue,
    names: () => ['list'],
    batch: 1,
    limitSeconds: 10,
    async handle(units, { config, signal }) {
      await sleep(config.UNIT_MS, undefined, { signal });
      return units.map(() => done);
    },
  },
});
