import { basisStamps, type KernelBasis } from '#shared/domain/image/kernel-basis.ts';
import { STAMP_HALF } from '#shared/domain/image/kernel-stamps.ts';
import type { SkyPlane } from '#shared/domain/image/patch.ts';

/** Weighted products of [a stamp convolved with every basis function..., 1, target] with each other, n + 2 square. */
export function stampTwin(
  source: SkyPlane,
  target: SkyPlane,
  basis: KernelBasis,
  x: number,
  y: number,
  weightAt: (x: number, y: number) => number,
): number[][] {
  const { half } = basis;
  const side = 2 * half + 1;
  const pixels: { x: number; y: number }[] = [];
  for (let j = -STAMP_HALF; j <= STAMP_HALF; j++)
    for (let i = -STAMP_HALF; i <= STAMP_HALF; i++) pixels.push({ x: x + i, y: y + j });
  const convolved = basisStamps(basis).map((values) =>
    pixels.map((pixel) => {
      let sum = 0;
      for (let j = -half; j <= half; j++) {
        const row = (pixel.y - j) * source.width + pixel.x;
        for (let i = -half; i <= half; i++)
          sum += values[(j + half) * side + i + half] * source.image[row - i];
      }
      return sum;
    }),
  );
  const goal = pixels.map((pixel) => target.image[pixel.y * target.width + pixel.x]);
  const columns = [...convolved, pixels.map(() => 1), goal];
  const weights = pixels.map((pixel) => weightAt(pixel.x, pixel.y));
  return columns.map((a) =>
    columns.map((b) => a.reduce((sum, value, i) => sum + value * b[i] * weights[i], 0)),
  );
}
