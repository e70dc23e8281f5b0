/** Gaussian smoothing with weights renormalised at the edges, the plainest way. */
export function smoothTwin(image: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const half = Math.ceil(3 * sigma);
  const along = (values: (at: number) => number, size: number, centre: number): number => {
    let sum = 0;
    let weights = 0;
    for (let at = Math.max(0, centre - half); at <= Math.min(size - 1, centre + half); at++) {
      const weight = Math.exp(-0.5 * ((at - centre) / sigma) ** 2);
      sum += weight * values(at);
      weights += weight;
    }
    return sum / weights;
  };
  const columns = Float64Array.from(image, (_, at) =>
    along((y) => image[y * width + (at % width)], height, Math.floor(at / width)),
  );
  return Float32Array.from(image, (_, at) => along((x) => columns[at - (at % width) + x], width, at % width));
}
