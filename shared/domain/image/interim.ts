import type { MaskedImage } from './masked-image.ts';
import type { ScienceImage, TemplateImage } from './sky-images.ts';
import type { Workspace } from './workspace.ts';

export function maskedOf(workspace: Workspace, science: ScienceImage): MaskedImage {
  const variance = workspace.floats(science.image.length);
  science.fillVariance(workspace, variance);
  const { width, height, image, mask } = science;
  return { width, height, image, mask, variance };
}

export function templateOf(workspace: Workspace, masked: MaskedImage): TemplateImage {
  const { width, height } = masked;
  const image = workspace.floats(width * height);
  const mask = workspace.words(width * height);
  image.set(masked.image);
  mask.set(masked.mask);
  const columns = (width + 1) >> 1;
  const variance = workspace.floats(columns * ((height + 1) >> 1));
  for (let y = 0; y < height; y += 2)
    for (let x = 0; x < width; x += 2)
      variance[(y >> 1) * columns + (x >> 1)] = masked.variance[y * width + x];
  return {
    width,
    height,
    image,
    mask,
    variance,
    varianceAt: (x, y) => variance[(y >> 1) * columns + (x >> 1)],
  };
}

export function interimMasked(workspace: Workspace, t: TemplateImage): MaskedImage {
  const variance = workspace.floats(t.image.length);
  for (let y = 0; y < t.height; y++)
    for (let x = 0; x < t.width; x++) variance[y * t.width + x] = t.varianceAt(x, y);
  return { width: t.width, height: t.height, image: t.image, mask: t.mask, variance };
}
