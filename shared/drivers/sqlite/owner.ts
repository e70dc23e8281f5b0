import { hostname } from 'node:os';

// All processes on an embedded file live on one machine, so that death need not wait for a time-out.

/** This process, as it stands beside what it holds: `{host name}/{process id}`. A container is a host of its own. */
export const thisProcess = `${hostname()}/${process.pid}`;

/** Whether the process is certainly dead. A process of another host, or a reused id, counts as living: its time expires. */
export function isDead(owner: string): boolean {
  const at = owner.lastIndexOf('/');
  if (owner.slice(0, at) !== hostname()) return false;
  try {
    process.kill(Number(owner.slice(at + 1)), 0);
    return false;
  } catch (error) {
    // EPERM: it lives, as another user.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
