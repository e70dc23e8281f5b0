import { appendFileSync } from 'node:fs';

/**
 * NIGHTSHIFT_CRASH, for the crash suite: `port.method#n` kills this process right after the n-th such effect;
 * `record:FILE` appends the name of every effect to FILE, one `port.method#n` a line.
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
  else if (plan === occurrence) process.kill(process.pid, 'SIGKILL');
}
