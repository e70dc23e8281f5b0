import type { Detector } from '#shared/domain/ids/instruments.ts';
import { READ_NOISE_ELECTRONS } from './passbands.ts';
import { randomStream } from './random.ts';

/**
 * One of the 16 amplifiers of a detector: where its pixels lie in the read-out array and on the detector.
 * Rows and columns are 0-based; a step of -1 says that the amplifier is read against the detector's axis.
 */
export interface Amplifier {
  /** 1 to 16, the order of the HDUs. */
  readonly channel: number;
  /** `Segment10` and so on. */
  readonly extname: string;
  /** Size of the read-out array, prescan and overscan included. */
  readonly rawWidth: number;
  readonly rawHeight: number;
  readonly prescan: number;
  readonly width: number;
  readonly height: number;
  /** Detector pixel of the first data pixel that is read, and the direction from there. */
  readonly firstX: number;
  readonly stepX: 1 | -1;
  readonly firstY: number;
  readonly stepY: 1 | -1;
  /** Electrons per ADU. */
  readonly gain: number;
  /** Electrons rms. */
  readonly readNoise: number;
  /** Mean level of the overscan, ADU. */
  readonly biasLevel: number;
  /** Electrons that a pixel holds. */
  readonly fullWell: number;
}

interface Layout {
  readonly rawWidth: number;
  readonly rawHeight: number;
  readonly prescan: number;
  readonly width: number;
  readonly height: number;
  /** Whether the upper row is read towards lower x as the lower row is: ITL yes, E2V no. */
  readonly upperRowReversed: boolean;
}

/**
 * Facts of the sensors: DATASEC and DETSEC of the real headers (ITL `[4:512,1:2000]` and `[509:1,1:2000]` for
 * Segment10; E2V `[11:522,1:2002]`, `[512:1,1:2002]` and, above, `[3585:4096,4004:2003]` for Segment07). SIM is
 * the small camera's own.
 */
const layouts: Readonly<Record<string, Layout>> = {
  ITL: { rawWidth: 576, rawHeight: 2048, prescan: 3, width: 509, height: 2000, upperRowReversed: true },
  E2V: { rawWidth: 576, rawHeight: 2048, prescan: 10, width: 512, height: 2002, upperRowReversed: false },
  SIM: { rawWidth: 164, rawHeight: 528, prescan: 4, width: 128, height: 512, upperRowReversed: false },
};

const AMPLIFIERS_A_ROW = 8;

/** The detector's amplifiers in the order of their HDUs: Segment10 to 17, then 07 down to 00. */
export function amplifiersOf(seed: number, detector: Detector): Amplifier[] {
  const layout = layouts[detector.type];
  if (!layout) throw new Error(`The simulator has no read-out for a sensor of type ${detector.type}.`);
  const draw = randomStream(seed, 'amplifiers', detector.name);
  return Array.from({ length: 2 * AMPLIFIERS_A_ROW }, (_, index) => ({
    ...placeOf(layout, index),
    channel: index + 1,
    rawWidth: layout.rawWidth,
    rawHeight: layout.rawHeight,
    prescan: layout.prescan,
    width: layout.width,
    height: layout.height,
    gain: draw.between(1.5, 1.75),
    readNoise: READ_NOISE_ELECTRONS * draw.between(0.95, 1.05),
    biasLevel: Math.round(draw.between(19_000, 26_000)),
    fullWell: Math.round(draw.between(95_000, 110_000)),
  }));
}

function placeOf({ width, height, upperRowReversed }: Layout, index: number) {
  const upper = index >= AMPLIFIERS_A_ROW;
  const column = upper ? 2 * AMPLIFIERS_A_ROW - 1 - index : index;
  const reversed = upper ? upperRowReversed : true;
  return {
    extname: `Segment${upper ? 0 : 1}${column}`,
    firstX: reversed ? (column + 1) * width - 1 : column * width,
    stepX: reversed ? (-1 as const) : (1 as const),
    firstY: upper ? 2 * height - 1 : 0,
    stepY: upper ? (-1 as const) : (1 as const),
  };
}
