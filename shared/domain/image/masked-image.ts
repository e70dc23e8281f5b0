/**
 * An image with its variance and mask, the three planes that every stage hands to the next.
 * Rows run along x, row 0 is the first row of the file; the centre of the first pixel is (0, 0).
 * Image and variance are in one unit (electrons before the zero point, nJy after it).
 */
export interface MaskedImage {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly variance: Float32Array;
  readonly mask: Uint16Array;
}

/** Bits of the mask plane; the first nine are those of Rubin's afw, so that its tools name them rightly. */
export const MASK = {
  BAD: 1,
  SAT: 2,
  INTRP: 4,
  CR: 8,
  EDGE: 16,
  DETECTED: 32,
  DETECTED_NEGATIVE: 64,
  SUSPECT: 128,
  NO_DATA: 256,
  SAT_TEMPLATE: 512,
  STREAK: 1024,
  NO_TEMPLATE: 2048,
  BAD_TEMPLATE: 4096,
} as const;

/** A bit that one step sets and takes back, never seen in a product. */
export const BUSY = 32768;

/** Pixels that carry no measurement of the sky, or of its change. */
export const UNUSABLE = MASK.BAD | MASK.SAT | MASK.NO_DATA | MASK.NO_TEMPLATE | MASK.BAD_TEMPLATE;

/** Pixels that a flux on the difference must leave out: those, and where the kernel reached over the edge. */
export const UNMEASURED = UNUSABLE | MASK.EDGE;

export function blankImage(width: number, height: number): MaskedImage {
  const size = width * height;
  return {
    width,
    height,
    image: new Float32Array(size),
    variance: new Float32Array(size),
    mask: new Uint16Array(size),
  };
}

/** Sets `bit` on a frame of `border` pixels around the image. */
export function maskBorder(
  mask: Uint16Array,
  width: number,
  height: number,
  bit: number,
  border: number,
): void {
  for (let y = 0; y < height; y++) {
    const whole = y < border || y >= height - border;
    for (let x = 0; x < width; x++) {
      if (whole || x < border || x >= width - border) mask[y * width + x] |= bit;
    }
  }
}
