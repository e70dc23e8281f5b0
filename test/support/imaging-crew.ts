import type { Workspace } from '#shared/domain/image/workspace.ts';
import { crewedWorkspace } from '../../functions/process-detector/strip-threads.ts';

/** With a workspace of three threads. */
export async function withCrew(use: (shared: Workspace) => void): Promise<void> {
  const { workspace: shared, stop } = crewedWorkspace(3);
  try {
    use(shared);
  } finally {
    await stop();
  }
}
