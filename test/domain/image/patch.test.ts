import { describe, expect, it } from 'vitest';
import { blankImage } from '#shared/domain/image/masked-image.ts';
import { cutPatch } from '#shared/domain/image/patch.ts';

const image = blankImage(7, 5);
for (let i = 0; i < 35; i++) {
  image.image[i] = i;
  image.variance[i] = 100 + i;
  image.mask[i] = i % 3;
}

describe('a patch', () => {
  it('holds the three planes of its rectangle', () => {
    const patch = cutPatch(image, 2, 1, 4, 2);
    expect([patch.x0, patch.y0, patch.width, patch.height]).toEqual([2, 1, 3, 2]);
    expect([...patch.image]).toEqual([9, 10, 11, 16, 17, 18]);
    expect([...patch.variance]).toEqual([109, 110, 111, 116, 117, 118]);
    expect([...patch.mask]).toEqual([0, 1, 2, 1, 2, 0]);
  });

  it('is clipped to the image, and empty beside it', () => {
    const corner = cutPatch(image, -3, 3, 1, 9);
    expect([corner.x0, corner.y0, corner.width, corner.height]).toEqual([0, 3, 2, 2]);
    expect(cutPatch(image, 9, 1, 12, 2).image).toHaveLength(0);
  });

  it('asks for the variance once in 4x4 pixels where there is no plane', () => {
    const { width, height, mask } = image;
    const asked: string[] = [];
    const varianceAt = (x: number, y: number): number => {
      asked.push(`${x},${y}`);
      return 10 * x + y;
    };
    const patch = cutPatch({ width, height, image: image.image, mask, varianceAt }, 2, 3, 6, 4);
    expect([...patch.variance]).toEqual([23, 23, 43, 43, 43, 24, 24, 44, 44, 44]);
    expect(asked).toEqual(['2,3', '4,3', '2,4', '4,4']);
  });
});
