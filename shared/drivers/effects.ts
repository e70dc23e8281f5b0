import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * NIGHTSHIFT_CRASH, for the crash suite: `port.method#n` kills this process right after its n-th such effect, of all
 * processes on a data folder the first one that gets there; `record:FILE` appends the name of every effect to FILE, one `port.method#n` a line.
 */
const plan = process.env.NIGHTSHIFT_CRASH;
const counts = new Map<string, number>();

/** A driver calls this right after each effect that others can see, named `port.method` (`.step` where it has several). */
export function effect(name: string): void {
  if (plan === undefined) return;
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  const occurrence = `${name}#${count}`;
  if (plan.startsWith('record:')) appendFileSync(plan.slice('record:'.length), `${occurrence}\n`);
  else if (plan === occurrence && isFirstToDie()) process.kill(process.pid, 'SIGKILL');
}

/** Leaves a mark in the data folder; false where it is there already. */
function isFirstToDie(): boolean {
  const data = process.env.NIGHTSHIFT_DATA;
  if (!data) return true;
  try {
    writeFileSync(join(data, 'crashed'), `${plan}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
