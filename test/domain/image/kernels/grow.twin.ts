/** Grows every pixel of `bit` by a square. */
export function growTwin(mask: Uint16Array, width: number, bit: number, radius: number): Uint16Array {
  const height = mask.length / width;
  return mask.map((bits, at) => {
    for (let j = Math.floor(at / width) - radius; j <= Math.floor(at / width) + radius; j++) {
      for (let i = (at % width) - radius; i <= (at % width) + radius; i++) {
        const isInside = i >= 0 && j >= 0 && i < width && j < height;
        if (isInside && (mask[j * width + i] & bit) !== 0) return bits | bit;
      }
    }
    return bits;
  });
}
