import { smoothTwin } from './smooth.twin.ts';

type Plane = Float32Array;

export function subtractTwin(
  a: Plane,
  b: Plane,
  width: number,
  factor: number,
  c0: number,
  cx: number,
  cy: number,
): Plane {
  return a.map(
    (value, at) => factor * (value - b[at]) - (c0 + cx * (at % width) + cy * Math.floor(at / width)),
  );
}

export function halveTwin(image: Plane, width: number, height: number): Plane {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  return Float32Array.from({ length: columns * rows }, (_, at) => {
    const [x, y] = [2 * (at % columns), 2 * Math.floor(at / columns)];
    let sum = 0;
    for (const j of [y, Math.min(y + 1, height - 1)])
      for (const i of [x, Math.min(x + 1, width - 1)]) sum += image[j * width + i];
    return sum / 4;
  });
}

/** Bilinear between the centres of pixels of twice the size, constant beyond the outer ones. */
export function doubleTwin(image: Plane, width: number, height: number): Plane {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const neighbours = (p: number, size: number): [number, number] => {
    const near = p >> 1;
    return [near, Math.min(size - 1, Math.max(0, near + (p % 2 === 0 ? -1 : 1)))];
  };
  return Float32Array.from({ length: width * height }, (_, at) => {
    const [i, k] = neighbours(at % width, columns);
    const [j, l] = neighbours(Math.floor(at / width), rows);
    const row = (y: number): number => 0.75 * image[y * columns + i] + 0.25 * image[y * columns + k];
    return 0.75 * row(j) + 0.25 * row(l);
  });
}

export function photonTwin(
  variance: Plane,
  template: Plane,
  matched: Plane,
  width: number,
  sourceVariance: number,
): Plane {
  const columns = Math.ceil(width / 2);
  return variance.map((value, at) => {
    const coarse = template[(Math.floor(at / width) >> 1) * columns + ((at % width) >> 1)];
    return value + coarse + Math.max(0, matched[at]) * sourceVariance;
  });
}

export function matchErrorTwin(
  variance: Plane,
  matched: Plane,
  smeared: Plane,
  width: number,
  height: number,
  [error2, wing2, scatter2]: readonly [number, number, number],
): Plane {
  const smear = doubleTwin(smeared, width, height);
  const pixel = (x: number, y: number): number =>
    matched[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))];
  return variance.map((value, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const slopeX = (pixel(x + 1, y) - pixel(x - 1, y)) / 2;
    const slopeY = (pixel(x, y + 1) - pixel(x, y - 1)) / 2;
    const flux = Math.max(0, matched[at]);
    const wing = Math.max(0, smear[at]);
    return value + error2 * (flux ** 2 + wing2 * wing ** 2) + scatter2 * (slopeX * slopeX + slopeY * slopeY);
  });
}

export function significanceTwin(
  score: Plane,
  variance: Plane,
  width: number,
  height: number,
  sigma: number,
): Plane {
  const smooth = smoothTwin(variance, width, height, sigma);
  return score.map((value, at) => (smooth[at] > 0 ? value / Math.sqrt(smooth[at]) : 0));
}
