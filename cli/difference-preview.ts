import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import { type Mark, renderPreview } from '#shared/domain/image/preview.ts';

/** Planes of one size that are shown side by side. */
interface Shown {
  readonly width: number;
  readonly height: number;
  readonly science: Float32Array;
  readonly matched: Float32Array;
  readonly difference: Float32Array;
  /** Of the difference where nothing is: all three are stretched by it. */
  readonly sigma: number;
}

/** A PNG of image, matched template and difference with a ring round each source. */
export function differencePreview(
  { width, height, science, matched, difference, sigma }: Shown,
  sources: readonly Pick<SourceWithoutStamps, 'x' | 'y' | 'bboxSize' | 'isNegative'>[],
): Uint8Array {
  const marks = sources.map(
    ({ x, y, bboxSize, isNegative }): Mark => ({
      x,
      y,
      radius: Math.max(6, bboxSize ?? 0),
      colour: isNegative ? 'negative' : 'positive',
    }),
  );
  const panels = [science, matched, difference].map((pixels) => ({ pixels, sigma }));
  return renderPreview(panels, width, height, marks);
}
