import type { DeadLetter } from '../../ports/work-queue.ts';
import { now } from './clock.ts';
import { type Connection, script } from './connection.ts';

/** A Redis list of JSON texts, oldest first. A stream's letter also has the entry's fields, to append it again. */
export const deadLettersKey = (source: string) => `DEAD:${source}`;

/** Lua: sets an item aside. */
export const addDeadLetter = `${now}
local function addDeadLetter(dead, item, cause, attempts, fields)
  local letter = { item = item, cause = cause, attempts = attempts, atMs = now(), fields = fields }
  redis.call('RPUSH', dead, cjson.encode(letter))
end`;

/** KEYS dead. ARGV item, cause: something that was never tried. */
export const setAside = script(`${addDeadLetter}
addDeadLetter(KEYS[1], ARGV[1], ARGV[2], 0)`);

/** Dead letters of a list or stream, oldest first. */
export async function readDeadLetters(redis: Connection, source: string): Promise<DeadLetter[]> {
  const texts = await redis.run((client) => client.lrange(deadLettersKey(source), 0, -1));
  return texts.map((text) => {
    const { item, cause, attempts, atMs } = JSON.parse(text);
    return { item, cause, attempts, atMs };
  });
}
