import { Command } from 'commander';
import { requireFunctionName } from './functions.ts';

/** A child of the supervisor: not for people, who use `serve`. It stops when its standard input is closed. */
export const childCommand = (): Command =>
  new Command('child')
    .argument('<role>', 'services, telescope, or a function')
    .action(async (role: string) => {
      const data = process.env.NIGHTSHIFT_DATA;
      if (!data) throw new Error('A child needs NIGHTSHIFT_DATA, which its supervisor sets.');
      try {
        await runRole(role, data, standardInputClosed());
        process.exit(0);
      } catch (error) {
        // The open standard input, and what has been started, would keep a child alive that can do nothing.
        console.error(error);
        process.exit(1);
      }
    });

async function runRole(role: string, data: string, stop: AbortSignal): Promise<void> {
  if (role === 'services') {
    const { runServices } = await import('./supervisor/services.ts');
    await runServices(data, Number(new URL(process.env.GATEWAY_URL ?? '').port), stop);
  } else if (role === 'telescope') {
    const { runTelescopeChild } = await import('./supervisor/telescope.ts');
    await runTelescopeChild(data, stop);
  } else {
    const { runWorker } = await import('./supervisor/worker.ts');
    await runWorker(requireFunctionName(role), data, stop);
  }
}

/** The supervisor holds the other end of the pipe; the operating system closes it when the supervisor dies. */
function standardInputClosed(): AbortSignal {
  const closed = new AbortController();
  process.stdin.on('end', () => closed.abort());
  process.stdin.on('close', () => closed.abort());
  process.stdin.resume();
  // Ctrl-C reaches the whole process group; the supervisor decides when children stop.
  process.on('SIGINT', () => {});
  return closed.signal;
}
