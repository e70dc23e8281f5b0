import { startWorker } from 'openfaas-sdk-ts/start-worker.ts';
import { dismissCrew, leadCrew } from '#shared/domain/image/strip-crew.ts';
import { createWorkspace, type Workspace } from '#shared/domain/image/workspace.ts';
import type { StripWork } from './strip-thread.ts';

/**
 * A workspace whose strips are shared between `threads` threads, this one among them: latency for cores. Where many
 * detectors wait, one thread for each detector does more.
 */
export function crewedWorkspace(threads: number): { workspace: Workspace; stop(): Promise<void> } {
  if (threads === 1) return { workspace: createWorkspace(), stop: async () => {} };
  const crew = Array.from({ length: threads - 1 }, () =>
    startWorker<StripWork>('process-detector/strip-thread'),
  );
  const ended: Promise<void>[] = [];
  const workspace = createWorkspace(
    leadCrew(crew.length, (member) => ended.push(crew[ended.length].calls.serve(member))),
  );
  return {
    workspace,
    stop: async () => {
      dismissCrew(workspace.memory);
      await Promise.all(ended);
      await Promise.all(crew.map((thread) => thread.stop()));
    },
  };
}
