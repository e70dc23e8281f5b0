/**
 * Gaussian smoothing, rows [from, to): a pass along the columns into a row of sums, then one along the row.
 * At the edges the weights that lie inside are renormalised.
 *
 * taps: f32, half + 1 weights by distance; scratch: (width + 16) f32.
 */
export function smoothRows(
  image: usize, out: usize, width: i32, height: i32, taps: usize, half: i32,
  scratch: usize, from: i32, to: i32,
): void {
  for (let y = from; y < to; y++) {
    smoothColumns(image, scratch, width, height, taps, half, y);
    smoothAlong(scratch, out + ((<usize>y * width) << 2), width, taps, half);
  }
}

/** Weighted mean of the rows around y. */
export function smoothColumns(image: usize, sums: usize, width: i32, height: i32, taps: usize, half: i32, y: i32): void {
  const stride = <usize>width << 2;
  const row = image + <usize>y * stride;
  let weight = load<f32>(taps);
  for (let k = 1; k <= half; k++) {
    const tap = load<f32>(taps + (<usize>k << 2));
    if (y - k >= 0) weight += tap;
    if (y + k < height) weight += tap;
  }
  const scale: f32 = 1 / weight;
  const below = min(half, y);
  const above = min(half, height - 1 - y);
  const both = min(below, above);
  const first = load<f32>(taps) * scale;
  let x = 0;
  for (; x + 16 <= width; x += 16) {
    const at = row + (<usize>x << 2);
    const centre = f32x4.splat(first);
    let a = f32x4.mul(centre, v128.load(at));
    let b = f32x4.mul(centre, v128.load(at, 16));
    let c = f32x4.mul(centre, v128.load(at, 32));
    let d = f32x4.mul(centre, v128.load(at, 48));
    let up = at;
    let down = at;
    for (let k = 1; k <= both; k++) {
      up += stride;
      down -= stride;
      const tap = f32x4.splat(load<f32>(taps + (<usize>k << 2)) * scale);
      a = f32x4.add(a, f32x4.mul(tap, f32x4.add(v128.load(up), v128.load(down))));
      b = f32x4.add(b, f32x4.mul(tap, f32x4.add(v128.load(up, 16), v128.load(down, 16))));
      c = f32x4.add(c, f32x4.mul(tap, f32x4.add(v128.load(up, 32), v128.load(down, 32))));
      d = f32x4.add(d, f32x4.mul(tap, f32x4.add(v128.load(up, 48), v128.load(down, 48))));
    }
    for (let k = both + 1; k <= max(below, above); k++) {
      const near = k <= above ? at + <usize>k * stride : at - <usize>k * stride;
      const tap = f32x4.splat(load<f32>(taps + (<usize>k << 2)) * scale);
      a = f32x4.add(a, f32x4.mul(tap, v128.load(near)));
      b = f32x4.add(b, f32x4.mul(tap, v128.load(near, 16)));
      c = f32x4.add(c, f32x4.mul(tap, v128.load(near, 32)));
      d = f32x4.add(d, f32x4.mul(tap, v128.load(near, 48)));
    }
    const to = sums + (<usize>x << 2);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
  for (; x < width; x++) {
    const at = row + (<usize>x << 2);
    let sum = first * load<f32>(at);
    for (let k = 1; k <= max(below, above); k++) {
      const tap = load<f32>(taps + (<usize>k << 2)) * scale;
      if (k <= above) sum += tap * load<f32>(at + <usize>k * stride);
      if (k <= below) sum += tap * load<f32>(at - <usize>k * stride);
    }
    store<f32>(sums + (<usize>x << 2), sum);
  }
}

export function smoothAlong(sums: usize, out: usize, width: i32, taps: usize, half: i32): void {
  let total = load<f32>(taps);
  for (let k = 1; k <= half; k++) total += 2 * load<f32>(taps + (<usize>k << 2));
  const scale: f32 = 1 / total;
  let x = 0;
  for (; x < min(half, width); x++) store<f32>(out + (<usize>x << 2), smoothAtEdge(sums, width, taps, half, x));
  const first = f32x4.splat(load<f32>(taps) * scale);
  for (; x + 8 <= width - half; x += 8) {
    const at = sums + (<usize>x << 2);
    let a = f32x4.mul(first, v128.load(at));
    let b = f32x4.mul(first, v128.load(at, 16));
    for (let k = 1; k <= half; k++) {
      const tap = f32x4.splat(load<f32>(taps + (<usize>k << 2)) * scale);
      const left = at - (<usize>k << 2);
      const right = at + (<usize>k << 2);
      a = f32x4.add(a, f32x4.mul(tap, f32x4.add(v128.load(left), v128.load(right))));
      b = f32x4.add(b, f32x4.mul(tap, f32x4.add(v128.load(left, 16), v128.load(right, 16))));
    }
    v128.store(out + (<usize>x << 2), a);
    v128.store(out + (<usize>x << 2), b, 16);
  }
  for (; x < width; x++) store<f32>(out + (<usize>x << 2), smoothAtEdge(sums, width, taps, half, x));
}

function smoothAtEdge(sums: usize, width: i32, taps: usize, half: i32, x: i32): f32 {
  let sum = load<f32>(taps) * load<f32>(sums + (<usize>x << 2));
  let weight = load<f32>(taps);
  for (let k = 1; k <= half; k++) {
    const tap = load<f32>(taps + (<usize>k << 2));
    if (x - k >= 0) {
      sum += tap * load<f32>(sums + (<usize>(x - k) << 2));
      weight += tap;
    }
    if (x + k < width) {
      sum += tap * load<f32>(sums + (<usize>(x + k) << 2));
      weight += tap;
    }
  }
  return sum / weight;
}
