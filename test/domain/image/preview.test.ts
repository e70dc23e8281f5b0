import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { renderPreview } from '#shared/domain/image/preview.ts';

describe('a preview', () => {
  it('is a PNG of the panels side by side, marks in each, the first row at the bottom', () => {
    const pixels = new Float32Array(300 * 200);
    pixels[0] = 1e6;
    const png = Buffer.from(
      renderPreview(
        [
          { pixels, sigma: 1 },
          { pixels, sigma: 1 },
        ],
        300,
        200,
        [{ x: 150, y: 100, radius: 10, colour: 'positive' }],
      ),
    );
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    expect([width, height]).toEqual([604, 200]);
    const length = png.readUInt32BE(33);
    expect(png.subarray(37, 41).toString()).toBe('IDAT');
    const rows = inflateSync(png.subarray(41, 41 + length));
    const at = (x: number, y: number) => [
      ...rows.subarray(y * (3 * width + 1) + 1 + 3 * x, y * (3 * width + 1) + 4 + 3 * x),
    ];
    expect(at(0, 199)).toEqual([255, 255, 255]);
    expect(at(304, 199)).toEqual([255, 255, 255]);
    expect(at(160, 99)).toEqual([64, 220, 120]);
    expect(at(464, 99)).toEqual([64, 220, 120]);
  });
});
