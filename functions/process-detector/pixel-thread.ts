import { serveWorker } from 'openfaas-sdk-ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { type DetectorInput, type DetectorResult, processDetector } from '#shared/domain/image/detector.ts';
import { type ForcedFlux, forcedPhotometry } from '#shared/domain/image/forced.ts';

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

serveWorker<PixelWork>({
  measure: async (input) =>
    processDetector({ ...input, config: defaultImageConfig }, () => performance.now()),
  force: async ({ difference, calibrated, positions }) =>
    forcedPhotometry({ difference, calibrated }, positions),
  warm: async () => {},
});
