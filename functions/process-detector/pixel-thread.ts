import { handOver, serveWorker } from 'openfaas-sdk-ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { type DetectorInput, type DetectorResult, processDetector } from '#shared/domain/image/detector.ts';
import { type ForcedFlux, forcedPhotometry } from '#shared/domain/image/forced.ts';
import { warmUp } from '#shared/domain/image/warm-up.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';

/** What a detector is measured from; the bytes are handed over, and the thread lets go of each file when it is done with it. */
export type PixelInput = Omit<DetectorInput, 'config'>;

/** Sources, stamps and file bytes; the planes stay in the thread. */
export type PixelResult =
  | Omit<DetectorResult & { outcome: 'measured' }, 'planes'>
  | (DetectorResult & { outcome: 'refused' });

/** What the pixel thread does for the main one: file bytes go in, sources, stamps and file bytes come out. */
export interface PixelWork {
  measure(input: PixelInput): Promise<PixelResult>;
  force(input: {
    difference: Uint8Array;
    calibrated: Uint8Array;
    positions: readonly { raDeg: number; decDeg: number }[];
  }): Promise<(ForcedFlux | undefined)[]>;
  /** Answers when the thread has loaded and compiled its code. */
  warm(input?: undefined): Promise<void>;
}

const workspace = createWorkspace();

serveWorker<PixelWork>({
  measure: async (input) => {
    const files = takenOnce(input);
    const result = processDetector(workspace, files, () => performance.now());
    if (result.outcome === 'refused') return result;
    const { planes: _, ...measured } = result;
    return handOver(measured, Object.values(measured.products));
  },
  force: async ({ difference, calibrated, positions }) =>
    forcedPhotometry({ difference, calibrated }, positions),
  warm: async () => warmUp(workspace),
});

/** The files of an input as properties that can be asked for once: what has been read is held by nobody any more. */
function takenOnce(input: PixelInput): DetectorInput {
  const held: { -readonly [K in keyof PixelInput]?: PixelInput[K] } = input;
  const take = <K extends 'raw' | 'bias' | 'dark' | 'flat' | 'crosstalk'>(name: K): PixelInput[K] => {
    const bytes = input[name];
    delete held[name];
    return bytes;
  };
  const { templates, references, predictedWcs, declaredZeroPoint, productCards } = input;
  delete held.templates;
  return {
    get raw() {
      return take('raw');
    },
    get bias() {
      return take('bias');
    },
    get dark() {
      return take('dark');
    },
    get flat() {
      return take('flat');
    },
    get crosstalk() {
      return take('crosstalk');
    },
    templates,
    references,
    predictedWcs,
    declaredZeroPoint,
    productCards,
    config: defaultImageConfig,
  };
}
