import { setTimeout as sleep } from 'node:timers/promises';
import { nightResult, runCommand, startCommand } from './night.ts';

/**
 * Runs a night and kills its process tree at random moments, so many times or until it is done; then lets it end.
 * Answers how often it was killed. `calmMs`: how long the night takes when nobody kills it.
 */
export async function killAndResume(
  night: readonly string[],
  kills: number,
  calmMs: number,
): Promise<number> {
  let done = 0;
  for (; done < kills; done++) {
    const run = startCommand([...night, '--resume']);
    // Early and late moments alike: often just after the start, sometimes far into what is left.
    const ended = await Promise.race([run.result, sleep(500 + Math.random() * calmMs * 0.6)]);
    run.killTree();
    await run.result;
    if (ended) break;
  }
  nightResult(await runCommand([...night, '--resume']));
  return done;
}
