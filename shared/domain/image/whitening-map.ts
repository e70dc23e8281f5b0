import { convolvedPsf, type Whitening, whitening } from './decorrelate.ts';
import { kernelEvaluator } from './kernel-fit.ts';
import type { Match } from './match-kernels.ts';
import { type PsfModel, psfAt } from './psf.ts';
import type { ScienceImage, TemplateImage } from './sky-images.ts';
import { typicalVariance } from './typical-variance.ts';
import type { Workspace } from './workspace.ts';

/** Cells of one whitening kernel. */
const CELL = 256;

/** Whitening kernel and PSF by cell, made when first asked for. */
export function whiteningMap(
  workspace: Workspace,
  science: ScienceImage,
  template: TemplateImage,
  { direction, kernel }: Match,
  psf: PsfModel,
): (x: number, y: number) => Whitening {
  const { width, height } = science;
  const evaluate = kernelEvaluator(kernel);
  const vScience = typicalVariance(science);
  const vTemplate = typicalVariance(template);
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  const made = new Map<number, Whitening>();
  return (x, y) => {
    const i = Math.min(columns - 1, Math.max(0, Math.floor(x / CELL)));
    const j = Math.min(rows - 1, Math.max(0, Math.floor(y / CELL)));
    const known = made.get(j * columns + i);
    if (known !== undefined) return known;
    const cx = Math.min(width - 1, (i + 0.5) * CELL);
    const cy = Math.min(height - 1, (j + 0.5) * CELL);
    const raw = evaluate(cx, cy);
    const matching = { half: raw.half, values: raw.values.map((value) => value / kernel.sum) };
    const own = psfAt(psf, cx, cy);
    const fresh =
      direction === 'template'
        ? whitening(workspace, matching, vScience, vTemplate * kernel.sum ** 2, own)
        : whitening(
            workspace,
            matching,
            vTemplate / kernel.sum ** 2,
            vScience,
            convolvedPsf(workspace, own, matching),
          );
    made.set(j * columns + i, fresh);
    return fresh;
  };
}
