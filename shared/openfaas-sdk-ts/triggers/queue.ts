import type { ConfigOf, QueueTrigger } from '../define-function.ts';
import type { QueueSource } from '../sources.ts';
import { pull } from './pull.ts';
import type { Run } from './run.ts';

/** Works the lists of a queue trigger side by side, a batch of each at a time, until the drain begins. */
export async function runQueue<C extends { readonly config: unknown }>(
  trigger: QueueTrigger<C>,
  queue: QueueSource,
  run: Run<C>,
): Promise<void> {
  const config = run.context.config as ConfigOf<C>;
  const limit = typeof trigger.batch === 'number' ? trigger.batch : trigger.batch(config);
  const lease = { worker: run.worker, leaseSeconds: run.leaseSeconds };
  const lists = trigger.names(config).map((name) => {
    run.metrics.watchLag('queue', name, async () => (await queue.depth(name)).waiting);
    return pull(
      {
        trigger: 'queue',
        source: name,
        limit,
        limitSeconds: trigger.limitSeconds,
        attempts: trigger.attempts ?? 5,
        take: (count) =>
          queue.take(name, { ...lease, limit: count, waitSeconds: run.waitSeconds, signal: run.pulling }),
        extend: () => queue.extend(name, lease),
        finish: ({ item }, ending) => queue.finish(name, { worker: run.worker, item, ending }),
        handle: (units, signal) => trigger.handle(units, { ...run.context, signal }),
      },
      run,
    );
  });
  await Promise.all(lists);
}
