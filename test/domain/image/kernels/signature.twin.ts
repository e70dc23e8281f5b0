interface Plane {
  readonly image: Float32Array;
  readonly mask: Uint16Array;
}

/** An amplifier's data onto the detector, pixel by pixel. */
export function assembleTwin(
  raw: Float32Array,
  rawWidth: number,
  levels: Float64Array,
  offsets: Float32Array,
  { image, mask }: Plane,
  { first, stepX, stepY }: { first: number; stepX: number; stepY: number },
  gain: number,
  saturation: number,
): void {
  levels.forEach((level, row) => {
    offsets.forEach((offset, column) => {
      const value = raw[row * rawWidth + column];
      const electrons = (value - level - offset) * gain;
      const at = first + row * stepY + column * stepX;
      image[at] = Number.isFinite(electrons) ? electrons : 0;
      mask[at] = (value >= saturation ? 2 : 0) + (Number.isFinite(electrons) ? 0 : 256);
    });
  });
}

export function subtractFrameTwin(
  image: Float32Array,
  frame: Float32Array,
  factor: number,
  gains: Float32Array,
): Float32Array {
  return image.map((value, at) => {
    const electrons = value - gains[at % gains.length] * factor * frame[at];
    return Number.isFinite(electrons) ? electrons : 0;
  });
}

export function flattenTwin(image: Float32Array, flat: Float32Array, level: number): Float32Array {
  return image.map((value, at) => (flat[at] > 0 ? (value * level) / flat[at] : value));
}

export function crosstalkTwin(
  image: Float32Array,
  placements: readonly { first: number; stepX: number; stepY: number }[],
  columns: number,
  rows: number,
  coefficients: readonly (readonly number[])[],
): Float32Array {
  const clean = Float32Array.from(image);
  placements.forEach((victim, v) => {
    placements.forEach((aggressor, a) => {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const from = aggressor.first + y * aggressor.stepY + x * aggressor.stepX;
          clean[victim.first + y * victim.stepY + x * victim.stepX] -= coefficients[v][a] * image[from];
        }
      }
    });
  });
  return clean;
}
