import { crc32, deflateSync } from 'node:zlib';

/** One panel of a preview, all of one size. */
export interface Panel {
  readonly pixels: Float32Array;
  /** Standard deviation of its sky: the stretch is linear to there and logarithmic above. */
  readonly sigma: number;
}

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: 'positive' | 'negative';
}

const COLOURS = { positive: [64, 220, 120], negative: [255, 96, 80] } as const;
const GAP = 4;

/**
 * A PNG of panels side by side, north of the array up, with circles around the marks in each. Small images are
 * enlarged by whole pixels to about 512 a panel, large ones averaged down to at most 1024.
 */
export function renderPreview(
  panels: readonly Panel[],
  width: number,
  height: number,
  marks: readonly Mark[],
): Uint8Array {
  const zoom = Math.max(1, Math.floor(512 / width));
  const shrink = Math.max(1, Math.ceil(width / 1024));
  const [w, h] = [Math.floor((width * zoom) / shrink), Math.floor((height * zoom) / shrink)];
  const total = panels.length * w + (panels.length - 1) * GAP;
  const rgb = new Uint8Array(total * h * 3).fill(40);
  panels.forEach((panel, k) => {
    const left = k * (w + GAP);
    const averages = new Float64Array(w);
    for (let y = 0; y < h; y++) {
      averageRow(panel.pixels, width, Math.floor((y * shrink) / zoom), shrink, zoom, averages);
      let to = ((h - 1 - y) * total + left) * 3;
      for (let x = 0; x < w; x++) {
        const grey = stretch(averages[x] / panel.sigma);
        rgb[to++] = grey;
        rgb[to++] = grey;
        rgb[to++] = grey;
      }
    }
    for (const mark of marks) drawCircle(rgb, total, w, h, left, mark, zoom / shrink);
  });
  return encodePng(rgb, total, h);
}

/** Averages over squares of `size` pixels from row y0 on, each `zoom` times where the image is enlarged. */
function averageRow(
  pixels: Float32Array,
  width: number,
  y0: number,
  size: number,
  zoom: number,
  averages: Float64Array,
): void {
  averages.fill(0);
  for (let y = y0; y < y0 + size; y++) {
    for (let x = 0; x < averages.length; x++) {
      const from = y * width + Math.floor((x * size) / zoom);
      let sum = 0;
      for (let at = from; at < from + size; at++) sum += pixels[at];
      averages[x] += sum / (size * size);
    }
  }
}

const DARKEST = Math.asinh(-1.5);
const SPAN = Math.asinh(150) - DARKEST;

/** -3 sigma is black, the sky dark grey, 300 sigma white. */
function stretch(value: number): number {
  const part = (Math.asinh(value / 2) - DARKEST) / SPAN;
  return Math.round(255 * Math.min(1, Math.max(0, Number.isNaN(part) ? 0 : part)));
}

function drawCircle(
  rgb: Uint8Array,
  total: number,
  w: number,
  h: number,
  left: number,
  mark: Mark,
  zoom: number,
): void {
  const [cx, cy] = [(mark.x + 0.5) * zoom, (mark.y + 0.5) * zoom];
  const radius = Math.max(6, mark.radius * zoom);
  const steps = Math.ceil(8 * radius);
  for (let k = 0; k < steps; k++) {
    const angle = (2 * Math.PI * k) / steps;
    const x = Math.round(cx + radius * Math.cos(angle));
    const y = Math.round(cy + radius * Math.sin(angle));
    if (x >= 0 && y >= 0 && x < w && y < h)
      rgb.set(COLOURS[mark.colour], ((h - 1 - y) * total + left + x) * 3);
  }
}

/** A PNG of 8-bit RGB, one filterless row after the other (PNG, ISO/IEC 15948). */
export function encodePng(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array((3 * width + 1) * height);
  for (let y = 0; y < height; y++)
    rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), (3 * width + 1) * y + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const parts = [
    signature,
    chunk('IHDR', header),
    // On noise the default of 6 takes three times as long and saves nothing.
    chunk('IDAT', deflateSync(rows, { level: 3 })),
    chunk('IEND', new Uint8Array()),
  ];
  return Uint8Array.from(Buffer.concat(parts));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}
