/** Bits of masked-image.ts. */
const SAT: i32 = 2;
const NO_DATA: i32 = 256;

/**
 * One amplifier's data onto the detector, rows [from, to) of the data: (raw - level of the row - offset of the column)
 * x gain, SAT where the raw reaches `saturation`, NO_DATA and 0 where the result is not finite, else a clear mask.
 * `image` and `raw` may be the same rows.
 *
 * raw: f32, the first data pixel of the HDU; levels: f64 a row; offsets: f32 a column; image, mask: detector planes;
 * first: index of the first data pixel there, stepX (1 or -1) and stepY from there; saturated: u8 for each row of the
 * detector, set where it has a saturated pixel.
 */
export function assembleRows(
  raw: usize, rawWidth: i32, columns: i32, levels: usize, offsets: usize, image: usize, mask: usize,
  width: i32, first: i32, stepX: i32, stepY: i32, gain: f32, saturation: f32, saturated: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const gains = f32x4.splat(gain);
  const limits = f32x4.splat(saturation);
  for (let row = from; row < to; row++) {
    const level = load<f64>(levels + (<usize>row << 3));
    // A level of 20,000 and its thousandths do not fit one f32, and whole ADU subtract exactly.
    const whole = <f32>Math.floor(level);
    const rest = <f32>(level - Math.floor(level));
    const wholes = f32x4.splat(whole);
    const rests = f32x4.splat(rest);
    const source = raw + ((<usize>row * rawWidth) << 2);
    const start = first + row * stepY;
    let seen = i32x4.splat(0);
    let x = 0;
    for (; x + 8 <= columns; x += 8) {
      const at = source + (<usize>x << 2);
      const offset = offsets + (<usize>x << 2);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      let a = f32x4.mul(f32x4.sub(f32x4.sub(low, wholes), f32x4.add(rests, v128.load(offset))), gains);
      let b = f32x4.mul(f32x4.sub(f32x4.sub(high, wholes), f32x4.add(rests, v128.load(offset, 16))), gains);
      const zero = f32x4.splat(0);
      const finiteA = f32x4.eq(f32x4.sub(a, a), zero);
      const finiteB = f32x4.eq(f32x4.sub(b, b), zero);
      const clear = v128.and(v128.and(finiteA, finiteB), v128.and(f32x4.lt(low, limits), f32x4.lt(high, limits)));
      let bits = i16x8.splat(0);
      if (!i32x4.all_true(clear)) {
        const full = i16x8.narrow_i32x4_s(f32x4.ge(low, limits), f32x4.ge(high, limits));
        const missing = v128.not(i16x8.narrow_i32x4_s(finiteA, finiteB));
        bits = v128.or(v128.and(full, i16x8.splat(<i16>SAT)), v128.and(missing, i16x8.splat(<i16>NO_DATA)));
        seen = v128.or(seen, full);
        a = v128.and(a, finiteA);
        b = v128.and(b, finiteB);
      }
      if (stepX > 0) {
        const out = image + (<usize>(start + x) << 2);
        v128.store(out, a);
        v128.store(out, b, 16);
        v128.store(mask + (<usize>(start + x) << 1), bits);
      } else {
        const out = image + (<usize>(start - x - 7) << 2);
        v128.store(out, i32x4.shuffle(b, b, 3, 2, 1, 0));
        v128.store(out, i32x4.shuffle(a, a, 3, 2, 1, 0), 16);
        v128.store(mask + (<usize>(start - x - 7) << 1), i16x8.shuffle(bits, bits, 7, 6, 5, 4, 3, 2, 1, 0));
      }
    }
    let any = v128.any_true(seen);
    for (; x < columns; x++) {
      const value = load<f32>(source + (<usize>x << 2));
      const electrons = (value - whole - (rest + load<f32>(offsets + (<usize>x << 2)))) * gain;
      const finite = electrons - electrons == 0;
      const full = value >= saturation;
      any = any || full;
      const at = <usize>(start + x * stepX);
      store<f32>(image + (at << 2), finite ? electrons : 0);
      store<u16>(mask + (at << 1), <u16>((full ? SAT : 0) | (finite ? 0 : NO_DATA)));
    }
    if (any) store<u8>(saturated + <usize>(start / width), 1);
  }
}

/**
 * Subtracts a calibration frame, rows [from, to): image -= gain of the column x factor x frame; 0 where that is not
 * finite.
 */
export function subtractFrameRows(
  image: usize, frame: usize, factor: f32, gains: usize, width: i32, scratch: usize, from: i32, to: i32,
): void {
  const factors = f32x4.splat(factor);
  const zero = f32x4.splat(0);
  for (let y = from; y < to; y++) {
    let at = image + (<usize>(y * width) << 2);
    let other = frame + (<usize>(y * width) << 2);
    let gain = gains;
    let x = 0;
    for (; x + 8 <= width; x += 8) {
      const scaleA = f32x4.mul(factors, v128.load(gain));
      const scaleB = f32x4.mul(factors, v128.load(gain, 16));
      const a = f32x4.sub(v128.load(at), f32x4.mul(scaleA, v128.load(other)));
      const b = f32x4.sub(v128.load(at, 16), f32x4.mul(scaleB, v128.load(other, 16)));
      v128.store(at, v128.and(a, f32x4.eq(f32x4.sub(a, a), zero)));
      v128.store(at, v128.and(b, f32x4.eq(f32x4.sub(b, b), zero)), 16);
      at += 32;
      other += 32;
      gain += 32;
    }
    for (; x < width; x++) {
      const value = load<f32>(at) - factor * load<f32>(gain) * load<f32>(other);
      store<f32>(at, value - value == 0 ? value : 0);
      at += 4;
      other += 4;
      gain += 4;
    }
  }
}

/** Divides by the flat, rows [from, to): image x level / flat, where the flat is positive. */
export function flattenRows(
  image: usize, flat: usize, level: f32, width: i32, scratch: usize, from: i32, to: i32,
): void {
  const levels = f32x4.splat(level);
  const zero = f32x4.splat(0);
  let at = image + (<usize>(from * width) << 2);
  let other = flat + (<usize>(from * width) << 2);
  let left = (to - from) * width;
  for (; left >= 8; left -= 8) {
    const responseA = v128.load(other);
    const responseB = v128.load(other, 16);
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const flatA = f32x4.div(f32x4.mul(a, levels), responseA);
    const flatB = f32x4.div(f32x4.mul(b, levels), responseB);
    v128.store(at, v128.bitselect(flatA, a, f32x4.gt(responseA, zero)));
    v128.store(at, v128.bitselect(flatB, b, f32x4.gt(responseB, zero)), 16);
    at += 32;
    other += 32;
  }
  for (; left > 0; left--) {
    const response = load<f32>(other);
    if (response > 0) store<f32>(at, (load<f32>(at) * level) / response);
    at += 4;
    other += 4;
  }
}

/**
 * Crosstalk, rows [from, to) of the read-out: what every amplifier reads less what the others leak into it at the same
 * moment. All from the values before, so that the order of the amplifiers does not matter.
 *
 * placements: 3 i32 an amplifier, its first pixel, step along the row (1 or -1) and step to the next row, in the order of
 * the read-out; coefficients: f32, victim by aggressor; scratch: (count + 1) x (columns + 15) f32
 */
export function crosstalkRows(
  image: usize, placements: usize, count: i32, columns: i32, coefficients: usize,
  scratch: usize, from: i32, to: i32,
): void {
  const stride = <usize>((columns + 15) & ~15) << 2;
  const clean = scratch + <usize>count * stride;
  for (let row = from; row < to; row++) {
    for (let k = 0; k < count; k++) {
      const place = placements + <usize>(12 * k);
      const start = load<i32>(place) + row * load<i32>(place, 8);
      copyRow(scratch + <usize>k * stride, 4, image + (<usize>start << 2), load<i32>(place, 4) << 2, columns);
    }
    for (let k = 0; k < count; k++) {
      const place = placements + <usize>(12 * k);
      const start = load<i32>(place) + row * load<i32>(place, 8);
      subtractLeaks(clean, scratch + <usize>k * stride, scratch, stride, coefficients + (<usize>(k * count) << 2), count);
      copyRow(image + (<usize>start << 2), load<i32>(place, 4) << 2, clean, 4, columns);
    }
  }
}

/** Copies `length` f32, each so many bytes from the last; four at once where one side runs up and the other down or up. */
function copyRow(to: usize, toStep: i32, from: usize, fromStep: i32, length: i32): void {
  const same = toStep == fromStep;
  let left = length;
  for (; left >= 4; left -= 4) {
    const values = v128.load(fromStep > 0 ? from : from - 12);
    v128.store(toStep > 0 ? to : to - 12, same ? values : i32x4.shuffle(values, values, 3, 2, 1, 0));
    to += 4 * toStep;
    from += 4 * fromStep;
  }
  for (; left > 0; left--) {
    store<f32>(to, load<f32>(from));
    to += toStep;
    from += fromStep;
  }
}

/** clean = own line - sum of coefficient x line, over lines of `stride` bytes (a multiple of 64). */
function subtractLeaks(clean: usize, own: usize, lines: usize, stride: usize, coefficients: usize, count: i32): void {
  for (let at: usize = 0; at < stride; at += 64) {
    let a = v128.load(own + at);
    let b = v128.load(own + at, 16);
    let c = v128.load(own + at, 32);
    let d = v128.load(own + at, 48);
    let line = lines + at;
    for (let k = 0; k < count; k++) {
      const leak = v128.load32_splat(coefficients + (<usize>k << 2));
      a = f32x4.sub(a, f32x4.mul(leak, v128.load(line)));
      b = f32x4.sub(b, f32x4.mul(leak, v128.load(line, 16)));
      c = f32x4.sub(c, f32x4.mul(leak, v128.load(line, 32)));
      d = f32x4.sub(d, f32x4.mul(leak, v128.load(line, 48)));
      line += stride;
    }
    v128.store(clean + at, a);
    v128.store(clean + at, b, 16);
    v128.store(clean + at, c, 32);
    v128.store(clean + at, d, 48);
  }
}
