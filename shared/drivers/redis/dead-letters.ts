import type { DeadLetter } from '../../ports/work-queue.ts';
import type { Connection } from './connection.ts';

/** A Redis list of JSON texts, oldest first; written by the scripts that end an item. */
export const deadLettersKey = (source: string) => `DEAD:${source}`;

/** Dead letters of a list or stream, oldest first. */
export async function readDeadLetters(redis: Connection, source: string): Promise<DeadLetter[]> {
  const texts = await redis.run((client) => client.lrange(deadLettersKey(source), 0, -1));
  return texts.map((text) => {
    const { item, cause, attempts, atMs } = JSON.parse(text);
    return { item, cause, attempts, atMs };
  });
}
