import type { ConfigOf, StreamTrigger } from '../define-function.ts';
import type { StreamSource } from '../sources.ts';
import { pull } from './pull.ts';
import type { Run } from './run.ts';

/** Works a stream entry by entry until the drain begins. */
export async function runStream<C extends { readonly config: unknown }>(
  trigger: StreamTrigger<C>,
  stream: StreamSource,
  run: Run<C>,
): Promise<void> {
  const config = run.context.config as ConfigOf<C>;
  const name = trigger.name(config);
  const held = { group: trigger.group(config), consumer: run.worker };
  const { leaseSeconds, waitSeconds } = run;
  run.metrics.watchLag('stream', name, async () => (await stream.depth(name, held.group)).waiting);
  await pull(
    {
      trigger: 'stream',
      source: name,
      limit: 1,
      limitSeconds: trigger.limitSeconds,
      attempts: trigger.attempts ?? 5,
      take: (limit) => stream.take(name, { ...held, limit, leaseSeconds, waitSeconds, signal: run.pulling }),
      extend: async ([{ id }]) => stream.extend(name, { ...held, id, leaseSeconds }),
      finish: ({ id }, ending) => stream.finish(name, { ...held, id, ending }),
      handle: async ([unit], signal) => [await trigger.handle(unit, { ...run.context, signal })],
    },
    run,
  );
}
