import { smoothTwin } from './smooth.twin.ts';

/** Index and value of every local maximum over 5x5 of the smoothed image, at least 4 px from the edges. */
export function peaksTwin(
  image: Float32Array,
  width: number,
  height: number,
  sigma: number,
  threshold: number,
): { at: number; value: number }[] {
  const smooth = smoothTwin(image, width, height, sigma);
  const found: { at: number; value: number }[] = [];
  for (let y = 4; y < height - 4; y++) {
    for (let x = 4; x < width - 4; x++) {
      const value = smooth[y * width + x];
      if (value > threshold && isHighest(smooth, width, x, y)) found.push({ at: y * width + x, value });
    }
  }
  return found;
}

function isHighest(image: Float32Array, width: number, x: number, y: number): boolean {
  for (let j = -2; j <= 2; j++) {
    for (let i = -2; i <= 2; i++) {
      if ((i !== 0 || j !== 0) && image[(y + j) * width + x + i] >= image[y * width + x]) return false;
    }
  }
  return true;
}
