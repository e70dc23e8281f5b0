/**
 * Complex FFT of a tile of size x size, size 64 or 128, for convolution. Real and imaginary plane follow each other, their
 * rows `pitchOf(size)` floats apart. Four columns lie in the lanes of a vector, so that no butterfly shuffles. The forward
 * transform of columns leaves them digit-reversed, the inverse takes them so, and products of spectra need no order.
 *
 * twiddles: f32 pairs cos, sin of 2 pi k / size, k < size.
 */

/** Rows 16 bytes longer than a power of two, else all rows of a column would fall into the same few lines of the cache. */
// @ts-ignore: decorator
@inline
export function pitchOf(size: i32): i32 {
  return size + 4;
}

/** Bytes of one plane of a tile. */
// @ts-ignore: decorator
@inline
export function planeBytes(size: i32): usize {
  return (<usize>size * pitchOf(size)) << 2;
}

/** Two-dimensional transform of `tile` into `spectrum`, transposed; `tile` is used up. */
export function forwardTile(tile: usize, spectrum: usize, size: i32, twiddles: usize): void {
  forwardColumns(tile, size, twiddles, size, size);
  transposeTile(tile, spectrum, size, size);
  forwardColumns(spectrum, size, twiddles, size, size);
}

/** size² times the inverse of forwardTile, for columns from `first` on; `spectrum` is used up. */
export function inverseTile(spectrum: usize, tile: usize, size: i32, twiddles: usize, first: i32): void {
  inverseColumns(spectrum, size, twiddles, 0);
  transposeTile(spectrum, tile, size, size);
  inverseColumns(tile, size, twiddles, first & ~3);
}

/**
 * Transform of a tile that is 0 but for its first `side` rows and columns, at most a quarter of it; what lies beyond need
 * not be there. Its first stages only spread those rows, and only those columns are transformed before the transposition.
 */
export function forwardCorner(tile: usize, spectrum: usize, size: i32, side: i32, twiddles: usize): void {
  const columns = (side + 3) & ~3;
  spreadRows(tile, size, side, twiddles, columns);
  forwardColumns(tile, size, twiddles, columns, size >> 2);
  transposeTile(tile, spectrum, size, columns);
  spreadRows(spectrum, size, columns, twiddles, size);
  forwardColumns(spectrum, size, twiddles, size, size >> 2);
}

/** The first stage of forwardColumns where only `rows` of the first quarter are not 0, for columns [0, end). */
function spreadRows(tile: usize, size: i32, rows: i32, twiddles: usize, end: i32): void {
  const pitch = <usize>pitchOf(size) << 2;
  const imaginary = planeBytes(size);
  const width = <usize>end << 2;
  const quarter = size >> 2;
  const q = <usize>quarter * pitch;
  for (let k = 0; k < rows; k++) {
    for (let part = 1; part < 4; part++) {
      const w = twiddles + (<usize>(part * k) << 3);
      const cosine = v128.load32_splat(w);
      const sine = v128.load32_splat(w, 4);
      const from = tile + <usize>k * pitch;
      const to = from + <usize>part * q;
      for (let x: usize = 0; x < width; x += 16) {
        const re = v128.load(from + x);
        const im = v128.load(from + x + imaginary);
        v128.store(to + x, f32x4.add(f32x4.mul(re, cosine), f32x4.mul(im, sine)));
        v128.store(to + x + imaginary, f32x4.sub(f32x4.mul(im, cosine), f32x4.mul(re, sine)));
      }
    }
  }
  for (let k = rows; k < quarter; k++) {
    for (let part = 0; part < 4; part++) {
      const row = tile + <usize>k * pitch + <usize>part * q;
      memory.fill(row, 0, width);
      memory.fill(row + imaginary, 0, width);
    }
  }
}

/** Decimation in frequency of columns [0, end) from blocks of n rows on, by four down to blocks of 8 or 4. */
function forwardColumns(tile: usize, size: i32, twiddles: usize, end: i32, n: i32): void {
  const pitch = <usize>pitchOf(size) << 2;
  const imaginary = planeBytes(size);
  const width = <usize>end << 2;
  for (; n > 8; n >>= 2) {
    const quarter = n >> 2;
    const step = <usize>(size / n) << 3;
    const q = <usize>quarter * pitch;
    for (let k = 0; k < quarter; k++) {
      const w1 = twiddles + <usize>k * step;
      const w2 = twiddles + <usize>(2 * k) * step;
      const w3 = twiddles + <usize>(3 * k) * step;
      const c1 = v128.load32_splat(w1);
      const s1 = v128.load32_splat(w1, 4);
      const c2 = v128.load32_splat(w2);
      const s2 = v128.load32_splat(w2, 4);
      const c3 = v128.load32_splat(w3);
      const s3 = v128.load32_splat(w3, 4);
      for (let start = 0; start < size; start += n) {
        let a = tile + <usize>(start + k) * pitch;
        const stop = a + width;
        for (; a < stop; a += 16) {
          const b = a + q;
          const c = b + q;
          const d = c + q;
          const ar = v128.load(a);
          const cr = v128.load(c);
          const br = v128.load(b);
          const dr = v128.load(d);
          const ai = v128.load(a + imaginary);
          const ci = v128.load(c + imaginary);
          const bi = v128.load(b + imaginary);
          const di = v128.load(d + imaginary);
          const er = f32x4.add(ar, cr);
          const ei = f32x4.add(ai, ci);
          const fr = f32x4.sub(ar, cr);
          const fi = f32x4.sub(ai, ci);
          const gr = f32x4.add(br, dr);
          const gi = f32x4.add(bi, di);
          // -i (b - d)
          const hr = f32x4.sub(bi, di);
          const hi = f32x4.sub(dr, br);
          v128.store(a, f32x4.add(er, gr));
          v128.store(a + imaginary, f32x4.add(ei, gi));
          const yr = f32x4.add(fr, hr);
          const yi = f32x4.add(fi, hi);
          v128.store(b, f32x4.add(f32x4.mul(yr, c1), f32x4.mul(yi, s1)));
          v128.store(b + imaginary, f32x4.sub(f32x4.mul(yi, c1), f32x4.mul(yr, s1)));
          const ur = f32x4.sub(er, gr);
          const ui = f32x4.sub(ei, gi);
          v128.store(c, f32x4.add(f32x4.mul(ur, c2), f32x4.mul(ui, s2)));
          v128.store(c + imaginary, f32x4.sub(f32x4.mul(ui, c2), f32x4.mul(ur, s2)));
          const vr = f32x4.sub(fr, hr);
          const vi = f32x4.sub(fi, hi);
          v128.store(d, f32x4.add(f32x4.mul(vr, c3), f32x4.mul(vi, s3)));
          v128.store(d + imaginary, f32x4.sub(f32x4.mul(vi, c3), f32x4.mul(vr, s3)));
        }
      }
    }
  }
  for (let start = 0; start < size; start += n) {
    const row = tile + <usize>start * pitch;
    const stop = row + width;
    if (n == 8) for (let at = row; at < stop; at += 16) forwardEight(at, imaginary, pitch);
    else for (let at = row; at < stop; at += 16) forwardFour(at, imaginary, pitch);
  }
}

/** Decimation in time of columns from `first` on, the other way. */
function inverseColumns(tile: usize, size: i32, twiddles: usize, first: i32): void {
  const pitch = <usize>pitchOf(size) << 2;
  const imaginary = planeBytes(size);
  const begin = <usize>first << 2;
  const width = <usize>(size - first) << 2;
  let n = size;
  while (n > 8) n >>= 2;
  for (let start = 0; start < size; start += n) {
    const row = tile + <usize>start * pitch + begin;
    const stop = row + width;
    if (n == 8) for (let at = row; at < stop; at += 16) inverseEight(at, imaginary, pitch);
    else for (let at = row; at < stop; at += 16) inverseFour(at, imaginary, pitch);
  }
  for (n <<= 2; n <= size; n <<= 2) {
    const quarter = n >> 2;
    const step = <usize>(size / n) << 3;
    const q = <usize>quarter * pitch;
    for (let k = 0; k < quarter; k++) {
      const w1 = twiddles + <usize>k * step;
      const w2 = twiddles + <usize>(2 * k) * step;
      const w3 = twiddles + <usize>(3 * k) * step;
      const c1 = v128.load32_splat(w1);
      const s1 = v128.load32_splat(w1, 4);
      const c2 = v128.load32_splat(w2);
      const s2 = v128.load32_splat(w2, 4);
      const c3 = v128.load32_splat(w3);
      const s3 = v128.load32_splat(w3, 4);
      for (let start = 0; start < size; start += n) {
        let a = tile + <usize>(start + k) * pitch + begin;
        const stop = a + width;
        for (; a < stop; a += 16) {
          const b = a + q;
          const c = b + q;
          const d = c + q;
          const yr = v128.load(b);
          const yi = v128.load(b + imaginary);
          const br = f32x4.sub(f32x4.mul(yr, c1), f32x4.mul(yi, s1));
          const bi = f32x4.add(f32x4.mul(yi, c1), f32x4.mul(yr, s1));
          const ur = v128.load(c);
          const ui = v128.load(c + imaginary);
          const cr = f32x4.sub(f32x4.mul(ur, c2), f32x4.mul(ui, s2));
          const ci = f32x4.add(f32x4.mul(ui, c2), f32x4.mul(ur, s2));
          const vr = v128.load(d);
          const vi = v128.load(d + imaginary);
          const dr = f32x4.sub(f32x4.mul(vr, c3), f32x4.mul(vi, s3));
          const di = f32x4.add(f32x4.mul(vi, c3), f32x4.mul(vr, s3));
          const ar = v128.load(a);
          const ai = v128.load(a + imaginary);
          const er = f32x4.add(ar, cr);
          const ei = f32x4.add(ai, ci);
          const fr = f32x4.sub(ar, cr);
          const fi = f32x4.sub(ai, ci);
          const gr = f32x4.add(br, dr);
          const gi = f32x4.add(bi, di);
          // i (b - d)
          const hr = f32x4.sub(di, bi);
          const hi = f32x4.sub(br, dr);
          v128.store(a, f32x4.add(er, gr));
          v128.store(a + imaginary, f32x4.add(ei, gi));
          v128.store(b, f32x4.add(fr, hr));
          v128.store(b + imaginary, f32x4.add(fi, hi));
          v128.store(c, f32x4.sub(er, gr));
          v128.store(c + imaginary, f32x4.sub(ei, gi));
          v128.store(d, f32x4.sub(fr, hr));
          v128.store(d + imaginary, f32x4.sub(fi, hi));
        }
      }
    }
  }
}

/** Forward transform of four rows. */
// @ts-ignore: decorator
@inline
function forwardFour(a: usize, imaginary: usize, pitch: usize): void {
  const b = a + pitch;
  const c = b + pitch;
  const d = c + pitch;
  const er = f32x4.add(v128.load(a), v128.load(c));
  const ei = f32x4.add(v128.load(a + imaginary), v128.load(c + imaginary));
  const fr = f32x4.sub(v128.load(a), v128.load(c));
  const fi = f32x4.sub(v128.load(a + imaginary), v128.load(c + imaginary));
  const gr = f32x4.add(v128.load(b), v128.load(d));
  const gi = f32x4.add(v128.load(b + imaginary), v128.load(d + imaginary));
  const hr = f32x4.sub(v128.load(b + imaginary), v128.load(d + imaginary));
  const hi = f32x4.sub(v128.load(d), v128.load(b));
  v128.store(a, f32x4.add(er, gr));
  v128.store(a + imaginary, f32x4.add(ei, gi));
  v128.store(b, f32x4.add(fr, hr));
  v128.store(b + imaginary, f32x4.add(fi, hi));
  v128.store(c, f32x4.sub(er, gr));
  v128.store(c + imaginary, f32x4.sub(ei, gi));
  v128.store(d, f32x4.sub(fr, hr));
  v128.store(d + imaginary, f32x4.sub(fi, hi));
}

/** Inverse transform of four rows. */
// @ts-ignore: decorator
@inline
function inverseFour(a: usize, imaginary: usize, pitch: usize): void {
  const b = a + pitch;
  const c = b + pitch;
  const d = c + pitch;
  const er = f32x4.add(v128.load(a), v128.load(c));
  const ei = f32x4.add(v128.load(a + imaginary), v128.load(c + imaginary));
  const fr = f32x4.sub(v128.load(a), v128.load(c));
  const fi = f32x4.sub(v128.load(a + imaginary), v128.load(c + imaginary));
  const gr = f32x4.add(v128.load(b), v128.load(d));
  const gi = f32x4.add(v128.load(b + imaginary), v128.load(d + imaginary));
  const hr = f32x4.sub(v128.load(d + imaginary), v128.load(b + imaginary));
  const hi = f32x4.sub(v128.load(b), v128.load(d));
  v128.store(a, f32x4.add(er, gr));
  v128.store(a + imaginary, f32x4.add(ei, gi));
  v128.store(b, f32x4.add(fr, hr));
  v128.store(b + imaginary, f32x4.add(fi, hi));
  v128.store(c, f32x4.sub(er, gr));
  v128.store(c + imaginary, f32x4.sub(ei, gi));
  v128.store(d, f32x4.sub(fr, hr));
  v128.store(d + imaginary, f32x4.sub(fi, hi));
}

/** Forward transform of eight rows: halves, those of the second turned by -1/8 a row, and each half by four. */
// @ts-ignore: decorator
@inline
function forwardEight(a: usize, imaginary: usize, pitch: usize): void {
  const root = f32x4.splat(0.70710678118654752);
  const half = 4 * pitch;
  for (let k = 0; k < 4; k++) {
    const p = a + <usize>k * pitch;
    const q = p + half;
    const pr = v128.load(p);
    const pi = v128.load(p + imaginary);
    const qr = v128.load(q);
    const qi = v128.load(q + imaginary);
    const dr = f32x4.sub(pr, qr);
    const di = f32x4.sub(pi, qi);
    v128.store(p, f32x4.add(pr, qr));
    v128.store(p + imaginary, f32x4.add(pi, qi));
    if (k == 0) {
      v128.store(q, dr);
      v128.store(q + imaginary, di);
    } else if (k == 1) {
      v128.store(q, f32x4.mul(root, f32x4.add(dr, di)));
      v128.store(q + imaginary, f32x4.mul(root, f32x4.sub(di, dr)));
    } else if (k == 2) {
      v128.store(q, di);
      v128.store(q + imaginary, f32x4.neg(dr));
    } else {
      v128.store(q, f32x4.mul(root, f32x4.sub(di, dr)));
      v128.store(q + imaginary, f32x4.neg(f32x4.mul(root, f32x4.add(dr, di))));
    }
  }
  forwardFour(a, imaginary, pitch);
  forwardFour(a + half, imaginary, pitch);
}

/** The inverse of forwardEight, times 8. */
// @ts-ignore: decorator
@inline
function inverseEight(a: usize, imaginary: usize, pitch: usize): void {
  const root = f32x4.splat(0.70710678118654752);
  const half = 4 * pitch;
  inverseFour(a, imaginary, pitch);
  inverseFour(a + half, imaginary, pitch);
  for (let k = 0; k < 4; k++) {
    const p = a + <usize>k * pitch;
    const q = p + half;
    let qr = v128.load(q);
    let qi = v128.load(q + imaginary);
    const dr = qr;
    if (k == 1) {
      qr = f32x4.mul(root, f32x4.sub(dr, qi));
      qi = f32x4.mul(root, f32x4.add(dr, qi));
    } else if (k == 2) {
      qr = f32x4.neg(qi);
      qi = dr;
    } else if (k == 3) {
      qr = f32x4.neg(f32x4.mul(root, f32x4.add(dr, qi)));
      qi = f32x4.mul(root, f32x4.sub(dr, qi));
    }
    const pr = v128.load(p);
    const pi = v128.load(p + imaginary);
    v128.store(p, f32x4.add(pr, qr));
    v128.store(p + imaginary, f32x4.add(pi, qi));
    v128.store(q, f32x4.sub(pr, qr));
    v128.store(q + imaginary, f32x4.sub(pi, qi));
  }
}

/** The first `columns` of both planes, by blocks of 4 x 4. */
function transposeTile(from: usize, to: usize, size: i32, columns: i32): void {
  transposePlane(from, to, size, columns);
  transposePlane(from + planeBytes(size), to + planeBytes(size), size, columns);
}

function transposePlane(from: usize, to: usize, size: i32, columns: i32): void {
  const pitch = <usize>pitchOf(size) << 2;
  for (let y = 0; y < size; y += 4) {
    let source = from + <usize>y * pitch;
    let target = to + (<usize>y << 2);
    for (let x = 0; x < columns; x += 4) {
      const a = v128.load(source);
      const b = v128.load(source + pitch);
      const c = v128.load(source + 2 * pitch);
      const d = v128.load(source + 3 * pitch);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
      v128.store(target + pitch, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
      v128.store(target + 2 * pitch, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5));
      v128.store(target + 3 * pitch, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
      source += 16;
      target += 4 * pitch;
    }
  }
}
