/** Bits of the masks, as in masked-image.ts. */
const NO_DATA: i32 = 256;
const SAT_OR_BAD: i32 = 3;

/** Side of a cell, in which source positions are bilinear. */
const CELL: i32 = 32;

/** Positions are whole numbers of this part of a pixel, so that steps add up exactly and phases are bits. */
const UNIT: f64 = 4294967296;

/** Sets NO_DATA where the image is not finite or the variance not positive, and the image to 0 there; rows [from, to). */
export function markMissingRows(
  image: usize, variance: usize, mask: usize, width: i32, scratch: usize, from: i32, to: i32,
): void {
  const end = <usize>to * width;
  let at = <usize>from * width;
  const zero = f32x4.splat(0);
  const infinity = f32x4.splat(Infinity);
  const missing = i16x8.splat(<i16>NO_DATA);
  for (; at + 8 <= end; at += 8) {
    const pixel = image + (at << 2);
    const noise = variance + (at << 2);
    const low = v128.and(
      f32x4.lt(f32x4.abs(v128.load(pixel)), infinity),
      v128.and(f32x4.gt(v128.load(noise), zero), f32x4.lt(v128.load(noise), infinity)),
    );
    const high = v128.and(
      f32x4.lt(f32x4.abs(v128.load(pixel, 16)), infinity),
      v128.and(f32x4.gt(v128.load(noise, 16), zero), f32x4.lt(v128.load(noise, 16), infinity)),
    );
    v128.store(pixel, v128.and(v128.load(pixel), low));
    v128.store(pixel, v128.and(v128.load(pixel, 16), high), 16);
    const flags = mask + (at << 1);
    v128.store(flags, v128.or(v128.load(flags), v128.andnot(missing, i16x8.narrow_i32x4_s(low, high))));
  }
  for (; at < end; at++) {
    const value = load<f32>(image + (at << 2));
    const noise = load<f32>(variance + (at << 2));
    if (abs<f32>(value) < <f32>Infinity && noise > 0 && noise < <f32>Infinity) continue;
    store<f32>(image + (at << 2), 0);
    store<u16>(mask + (at << 1), load<u16>(mask + (at << 1)) | NO_DATA);
  }
}

/**
 * Warps rows `bottom` to `bottom + rows` of a tile into the target by Lanczos3, rows of cells [from, to), counted from
 * `firstRow`: where the target has NO_DATA and the tile's nearest pixel has not. Values are scaled by the pixels' area,
 * SAT and BAD come from that nearest pixel, as does the variance, of which a plane of half the size takes the first of
 * the four pixels that it stands for (0: none yet).
 *
 * Most cells have nothing but good pixels under them: there the masks of tile and target are looked at by the cell.
 *
 * nodes: f64 pairs (x, y) of the cells' corners on the tile, `columns` a row, the first at cell (firstColumn, firstRow);
 * NaN where there is none; table: f32, 1025 phases of 6 weights and two zeros.
 * Scratch: columns bytes.
 */
export function warpRows(
  image: usize, variance: usize, mask: usize, width: i32, height: i32,
  source: usize, sourceVariance: usize, sourceMask: usize, sourceWidth: i32, bottom: i32, rows: i32,
  nodes: usize, columns: i32, firstColumn: i32, firstRow: i32, table: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>sourceWidth << 2;
  const half = (width + 1) >> 1;
  const widest = <u32>(sourceWidth - 5);
  const tallest = <u32>(rows - 5);
  if (sourceWidth < 6 || rows < 6) return;
  for (let j = from; j < to; j++) {
    const y0 = (firstRow + j) * CELL;
    for (let i = 0; i + 1 < columns; i++) {
      const a = nodes + (<usize>(j * columns + i) << 4);
      store<u8>(scratch + i, isClean(a, a + (<usize>columns << 4), sourceMask, sourceWidth, bottom, rows) ? 1 : 0);
    }
    // By rows of pixels, not by cells, so that the tile is read along its rows.
    for (let k = 0; k < min(CELL, height - y0); k++) {
      const v = <f64>k / CELL;
      const row = <usize>(y0 + k) * width;
      const coarse = variance + ((<usize>((y0 + k) >> 1) * half) << 2);
      for (let i = 0; i + 1 < columns; i++) {
        const a = nodes + (<usize>(j * columns + i) << 4);
        const c = a + (<usize>columns << 4);
        const ax = load<f64>(a);
        const ay = load<f64>(a, 8);
        const bx = load<f64>(a, 16);
        const by = load<f64>(a, 24);
        const cx = load<f64>(c);
        const cy = load<f64>(c, 8);
        const dx = load<f64>(c, 16);
        const dy = load<f64>(c, 24);
        // Neither NaN nor so near the horizon that positions overflow.
        if (!(abs(ax) + abs(bx) + abs(cx) + abs(dx) + abs(ay) + abs(by) + abs(cy) + abs(dy) < 1e6)) continue;
        const area = <f32>(abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / (CELL * CELL));
        const startX = ax + v * (cx - ax);
        const startY = ay + v * (cy - ay);
        const stepX = <i64>((bx + v * (dx - bx) - startX) * (UNIT / CELL));
        const stepY = <i64>((by + v * (dy - by) - startY) * (UNIT / CELL));
        let x = <i64>(startX * UNIT);
        let y = <i64>(startY * UNIT) - (<i64>bottom << 32);
        const first = (firstColumn + i) * CELL;
        const last = min(first + CELL, width);
        const flagsOfRow = mask + ((row + first) << 1);
        if (last - first == CELL && load<u8>(scratch + i) != 0 && isMissing(flagsOfRow)) {
          let at = image + ((row + first) << 2);
          const noise = coarse + (<usize>(first >> 1) << 2);
          for (let n = 0; n < CELL; n++, x += stepX, y += stepY, at += 4) {
            const ix = <i32>(x >> 32);
            const iy = <i32>(y >> 32);
            const px = <i32>((x + (1 << 21)) >> 22) - (ix << 10);
            const py = <i32>((y + (1 << 21)) >> 22) - (iy << 10);
            const corner = source + ((<usize>(iy - 2) * sourceWidth + ix - 2) << 2);
            store<f32>(at, lanczos(corner, stride, table + (<usize>px << 5), table + (<usize>py << 5)) * area);
            if ((n & 1) != 0) continue;
            const own = noise + (<usize>n << 1);
            if (load<f32>(own) != 0) continue;
            const nearest = <usize>(iy + ((py + 512) >> 10)) * sourceWidth + ix + ((px + 512) >> 10);
            store<f32>(own, load<f32>(sourceVariance + (nearest << 2)) * area * area);
          }
          const kept = i16x8.splat(<i16>~NO_DATA);
          for (let n: usize = 0; n < 64; n += 16) v128.store(flagsOfRow + n, v128.and(v128.load(flagsOfRow + n), kept));
          continue;
        }
        for (let n = first; n < last; n++, x += stepX, y += stepY) {
          const flags = mask + ((row + n) << 1);
          const own = <i32>load<u16>(flags);
          if ((own & NO_DATA) == 0) continue;
          const ix = <i32>(x >> 32);
          const iy = <i32>(y >> 32);
          if (<u32>(ix - 2) >= widest || <u32>(iy - 2) >= tallest) continue;
          // 1024 phases a pixel, rounded.
          const px = <i32>((x + (1 << 21)) >> 22) - (ix << 10);
          const py = <i32>((y + (1 << 21)) >> 22) - (iy << 10);
          const nearest = <usize>(iy + ((py + 512) >> 10)) * sourceWidth + ix + ((px + 512) >> 10);
          const bits = <i32>load<u16>(sourceMask + (nearest << 1));
          if ((bits & NO_DATA) != 0) continue;
          const corner = source + ((<usize>(iy - 2) * sourceWidth + ix - 2) << 2);
          const value = lanczos(corner, stride, table + (<usize>px << 5), table + (<usize>py << 5));
          store<f32>(image + ((row + n) << 2), value * area);
          store<u16>(flags, (own & ~NO_DATA) | (bits & SAT_OR_BAD));
          const noise = coarse + (<usize>(n >> 1) << 2);
          if (load<f32>(noise) == 0) store<f32>(noise, load<f32>(sourceVariance + (nearest << 2)) * area * area);
        }
      }
    }
  }
}

/** Whether the 32 target pixels from here on have no data yet. */
function isMissing(flags: usize): bool {
  const low = v128.and(v128.load(flags), v128.load(flags, 16));
  const high = v128.and(v128.load(flags, 32), v128.load(flags, 48));
  return i16x8.all_true(v128.and(v128.and(low, high), i16x8.splat(<i16>NO_DATA)));
}

/** Whether the cell between these corners lies inside the tile's rows, with Lanczos's reach, over pixels without any bit. */
function isClean(a: usize, c: usize, mask: usize, width: i32, bottom: i32, rows: i32): bool {
  const left = min(min(load<f64>(a), load<f64>(a, 16)), min(load<f64>(c), load<f64>(c, 16)));
  const right = max(max(load<f64>(a), load<f64>(a, 16)), max(load<f64>(c), load<f64>(c, 16)));
  const low = min(min(load<f64>(a, 8), load<f64>(a, 24)), min(load<f64>(c, 8), load<f64>(c, 24))) - bottom;
  const high = max(max(load<f64>(a, 8), load<f64>(a, 24)), max(load<f64>(c, 8), load<f64>(c, 24))) - bottom;
  // False where one of them is NaN.
  if (!(left >= 2 && right < width - 4 && low >= 2 && high < rows - 4)) return false;
  const first = <i32>left;
  const last = <i32>right + 1;
  const wanted = i16x8.splat(<i16>(NO_DATA | SAT_OR_BAD));
  for (let y = <i32>low; y <= <i32>high + 1; y++) {
    const row = mask + (<usize>y * width << 1);
    let any = i16x8.splat(0);
    let x = first;
    for (; x + 8 <= last + 1; x += 8) any = v128.or(any, v128.load(row + (<usize>x << 1)));
    let rest = 0;
    for (; x <= last; x++) rest |= <i32>load<u16>(row + (<usize>x << 1));
    if ((rest & (NO_DATA | SAT_OR_BAD)) != 0 || v128.any_true(v128.and(any, wanted))) return false;
  }
  return true;
}

/** Weighted sum of 6x6 pixels from `at` on, rows `stride` bytes apart; the weights as in the table. */
// @ts-ignore: decorator
@inline
function lanczos(at: usize, stride: usize, wx: usize, wy: usize): f32 {
  const twice = at + 2 * stride;
  const fourth = twice + 2 * stride;
  let w = v128.load32_splat(wy);
  let left = f32x4.mul(w, v128.load(at));
  let right = f32x4.mul(w, v128.load64_zero(at, 16));
  w = v128.load32_splat(wy, 4);
  left = f32x4.add(left, f32x4.mul(w, v128.load(at + stride)));
  right = f32x4.add(right, f32x4.mul(w, v128.load64_zero(at + stride, 16)));
  w = v128.load32_splat(wy, 8);
  left = f32x4.add(left, f32x4.mul(w, v128.load(twice)));
  right = f32x4.add(right, f32x4.mul(w, v128.load64_zero(twice, 16)));
  w = v128.load32_splat(wy, 12);
  left = f32x4.add(left, f32x4.mul(w, v128.load(twice + stride)));
  right = f32x4.add(right, f32x4.mul(w, v128.load64_zero(twice + stride, 16)));
  w = v128.load32_splat(wy, 16);
  left = f32x4.add(left, f32x4.mul(w, v128.load(fourth)));
  right = f32x4.add(right, f32x4.mul(w, v128.load64_zero(fourth, 16)));
  w = v128.load32_splat(wy, 20);
  left = f32x4.add(left, f32x4.mul(w, v128.load(fourth + stride)));
  right = f32x4.add(right, f32x4.mul(w, v128.load64_zero(fourth + stride, 16)));
  const sums = f32x4.add(f32x4.mul(left, v128.load(wx)), f32x4.mul(right, v128.load(wx, 16)));
  const pairs = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
