import { serveWorker } from 'openfaas-sdk-ts';
import { FitsError } from '#shared/domain/fits/header.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { type DetectorInput, type DetectorResult, processDetector } from '#shared/domain/image/detector.ts';
import { type ForcedFlux, forcedPhotometry } from '#shared/domain/image/forced.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';

/** What the pixel thread does for the main one: file bytes go in, sources, stamps and file bytes come out. */
export interface PixelWork {
  measure(input: Omit<DetectorInput, 'config'>): Promise<DetectorResult>;
  force(input: {
    difference: Uint8Array;
    calibrated: Uint8Array;
    positions: readonly { raDeg: number; decDeg: number }[];
  }): Promise<(ForcedFlux | undefined)[]>;
  /** Answers when the thread has loaded its code. */
  warm(input?: undefined): Promise<void>;
}

const workspace = createWorkspace();

serveWorker<PixelWork>({
  measure: async (input) => {
    try {
      return processDetector(workspace, { ...input, config: defaultImageConfig }, () => performance.now());
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      return { outcome: 'refused', reason: damaged(input) ?? error.message, quality: {} };
    }
  },
  force: async ({ difference, calibrated, positions }) =>
    forcedPhotometry({ difference, calibrated }, positions),
  warm: async () => {},
});

/** Which of the files it is that cannot be read, and why: looked at again only after one of them failed. */
function damaged({ raw, bias, dark, flat, templates }: Omit<DetectorInput, 'config'>): string | undefined {
  const files = [
    ['the raw', raw],
    ['its bias', bias],
    ['its dark', dark],
    ['its flat', flat],
    ...templates.map(({ bytes }) => ['a template', bytes] as const),
  ] as const;
  for (const [name, bytes] of files) {
    try {
      if (bytes) readFits(bytes);
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      return `${name} cannot be read: ${error.message}`;
    }
  }
  return undefined;
}
