/**
 * RICE_1 of FITS tiles and the quantisation of floats for it (FITS Standard 4.0, sections 10.2 and 10.4.1). A tile's
 * numbers are i32 here, whatever BYTEPIX they have in the stream.
 */

/** Bits of the code that opens a block. */
@inline
function codeBitsOf(bits: i32): i32 {
  return bits == 32 ? 5 : bits == 16 ? 4 : 3;
}

/** The code of a block whose differences are not split. */
@inline
function rawCodeOf(bits: i32): i32 {
  return bits == 32 ? 26 : bits == 16 ? 15 : 7;
}

/** Big-endian 64 bits from bit `at` on; the last 7 may be missing. */
@inline
function windowAt(stream: usize, at: u32): u64 {
  const bytes = v128.load64_zero(stream + (at >>> 3));
  const turned = i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10, 11, 12, 13, 14, 15);
  return (<u64>i64x2.extract_lane(turned, 0)) << (at & 7);
}

/**
 * Decodes `count` numbers of a tile, a multiple of `block` unless they are its last. `state` is two i32, the bit to go on
 * at (0 at first) and the number before. The stream has `end` bits and 272 bytes that may be read behind it. Returns 0
 * where the bits do not make a tile.
 */
export function unpackRice(stream: usize, end: u32, out: usize, count: i32, block: i32, bits: i32, state: usize): i32 {
  const codeBits = codeBitsOf(bits);
  const spare = 32 - bits;
  let at = load<u32>(state);
  let last = load<i32>(state, 4);
  if (at == 0) {
    last = <i32>(windowAt(stream, 0) >>> (64 - bits));
    at = bits;
  }
  for (let from = 0; from < count; from += block) {
    const size = min(block, count - from);
    const code = <i32>(windowAt(stream, at) >>> (64 - codeBits));
    at += codeBits;
    if (at > end || code > rawCodeOf(bits)) return 0;
    const to = out + (<usize>from << 2);
    if (code == 0) {
      fillBlock(to, size, last);
      continue;
    }
    at = code == rawCodeOf(bits) ? unpackRaw(stream, at, to, size, bits) : unpackSplit(stream, at, end, to, size, code - 1);
    if (at == 0) return 0;
    last = sumBlock(to, size, last);
  }
  if (bits < 32) narrow(out, count, spare, bits == 16);
  store<u32>(state, at);
  store<i32>(state, last, 4);
  return at <= end ? 1 : 0;
}

function fillBlock(to: usize, size: i32, value: i32): void {
  for (let i = 0; i < size; i++) store<i32>(to + (<usize>i << 2), value);
}

/** Folded differences as they are; returns the bit behind them. */
function unpackRaw(stream: usize, from: u32, to: usize, size: i32, bits: i32): u32 {
  let at = from;
  for (let i = 0; i < size; i++, at += bits) {
    store<i32>(to + (<usize>i << 2), <i32>(windowAt(stream, at) >>> (64 - bits)));
  }
  return at;
}

/**
 * Folded differences of a unary part and `plain` bits; returns the bit behind them, 0 for zeros without end. As many
 * share a window as mostly fit it, so that no branch depends on the pixels: taking a new window whenever the old one is
 * used up costs a wrong guess every few pixels and twice the time.
 */
function unpackSplit(stream: usize, from: u32, end: u32, to: usize, size: i32, plain: i32): u32 {
  const one = 1 << plain;
  const rest = 63 - plain;
  const group = plain <= 10 ? 4 : 2;
  const least = <u64>(group * (plain + 1));
  let at = from;
  let i = 0;
  for (; i + group <= size; i += group) {
    const out = to + (<usize>i << 2);
    let window = windowAt(stream, at);
    const a = clz(window);
    // the one that ends the zeros is read with the plain bits, and taken away with it
    store<i32>(out, (<i32>a << plain) + <i32>((window << a) >>> rest) - one);
    window = (window << (plain + 1)) << a;
    const b = clz(window);
    store<i32>(out, (<i32>b << plain) + <i32>((window << b) >>> rest) - one, 4);
    let length = a + b + least;
    if (group == 4) {
      window = (window << (plain + 1)) << b;
      const c = clz(window);
      store<i32>(out, (<i32>c << plain) + <i32>((window << c) >>> rest) - one, 8);
      window = (window << (plain + 1)) << c;
      const d = clz(window);
      store<i32>(out, (<i32>d << plain) + <i32>((window << d) >>> rest) - one, 12);
      length += c + d;
    }
    at = length <= 57 ? at + <u32>length : unpackSingly(stream, at, end, out, group, plain);
    if (at == 0) return 0;
  }
  return unpackSingly(stream, at, end, to + (<usize>i << 2), size - i, plain);
}

/** The same for any number of zeros. */
function unpackSingly(stream: usize, from: u32, end: u32, to: usize, size: i32, plain: i32): u32 {
  let at = from;
  for (let i = 0; i < size; i++) {
    const zeros = zerosAt(stream, at, end);
    if (zeros < 0) return 0;
    const body = <i32>(windowAt(stream, at + zeros) >>> (63 - plain));
    store<i32>(to + (<usize>i << 2), ((zeros - 1) << plain) + body);
    at += zeros + 1 + plain;
  }
  return at;
}

/** Zero bits from bit `from` to the next one; -1 where there is none before `end`. */
function zerosAt(stream: usize, from: u32, end: u32): i32 {
  for (let at = from; at < end; at += 57) {
    const zeros = <u32>clz(windowAt(stream, at));
    if (zeros < 57) return at + zeros < end ? <i32>(at + zeros - from) : -1;
  }
  return -1;
}

/** Folded differences to numbers, in place; returns the last. */
function sumBlock(to: usize, size: i32, before: i32): i32 {
  const none = i32x4.splat(0);
  let last = before;
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    const at = to + (<usize>i << 2);
    const folded = v128.load(at);
    let sum = v128.xor(i32x4.shr_u(folded, 1), i32x4.neg(v128.and(folded, i32x4.splat(1))));
    sum = i32x4.add(sum, i32x4.shuffle(none, sum, 0, 4, 5, 6));
    sum = i32x4.add(sum, i32x4.shuffle(none, sum, 0, 1, 4, 5));
    sum = i32x4.add(sum, i32x4.splat(last));
    v128.store(at, sum);
    last = i32x4.extract_lane(sum, 3);
  }
  for (; i < size; i++) {
    const folded = load<i32>(to + (<usize>i << 2));
    last += (folded >>> 1) ^ -(folded & 1);
    store<i32>(to + (<usize>i << 2), last);
  }
  return last;
}

/** Sums of 8 or 16 bits that ran over, back into their range. */
function narrow(out: usize, count: i32, spare: i32, signed: bool): void {
  for (let i = 0; i < count; i++) {
    const at = out + (<usize>i << 2);
    const high = load<i32>(at) << spare;
    store<i32>(at, signed ? high >> spare : high >>> spare);
  }
}

/**
 * Encodes a tile of `count` numbers in blocks of `block` to `out`, and returns the bytes that it takes; fewer than
 * 5 count + 16 are touched. The split follows a block's mean as cfitsio's does, so the bytes are fpack's. The 4 bytes
 * before `pixels` are overwritten. scratch: 2 (block + 4) i32.
 */
export function packRice(pixels: usize, count: i32, out: usize, block: i32, bits: i32, scratch: usize): i32 {
  const codeBits = codeBitsOf(bits);
  const rawCode = rawCodeOf(bits);
  const first = load<u32>(pixels);
  store<u32>(pixels - 4, first);
  let at = putBits(out, 0, <u64>first & (<u64>-1 >>> (64 - bits)), bits);
  for (let from = 0; from < count; from += block) {
    const size = min(block, count - from);
    const sum = foldBlock(pixels + (<usize>from << 2), size, 32 - bits, scratch);
    const plain = splitOf(sum, size);
    if (sum == 0) at = putBits(out, at, 0, codeBits);
    else if (plain + 1 < rawCode) {
      at = packSplit(scratch, scratch + (<usize>(block + 4) << 2), size, plain, out, putBits(out, at, plain + 1, codeBits));
    } else {
      at = putBits(out, at, rawCode, codeBits);
      for (let i = 0; i < size; i++) at = putBits(out, at, load<u32>(scratch + (<usize>i << 2)), bits);
    }
  }
  return <i32>((at + 7) >>> 3);
}

/** Writes `bits` bits (57 at most) at bit `at`, whose byte holds the bits before it and zeros; returns the bit behind. */
@inline
function putBits(out: usize, at: u32, value: u64, bits: u32): u32 {
  const to = out + (at >>> 3);
  const used = at & 7;
  store64(to, ((<u64>load<u8>(to) >>> (8 - used)) << (64 - used)) | (value << (64 - used - bits)));
  return at + bits;
}

/** Stores 64 bits big-endian. */
@inline
function store64(to: usize, word: u64): void {
  const bytes = i64x2.splat(word);
  v128.store64_lane(to, i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10, 11, 12, 13, 14, 15), 0);
}

/**
 * Folded differences in a unary part and `plain` bits from bit `from` on; returns the bit behind them. Four share a word,
 * or two where four are mostly too long, and it is stored whole each time: to wait until it is full costs a wrong guess
 * every few pixels. folded, lengths: `size` i32, rounded up to 4.
 */
function packSplit(folded: usize, lengths: usize, size: i32, plain: i32, out: usize, from: u32): u32 {
  const least = i32x4.splat(plain + 1);
  const one = i32x4.splat(1 << plain);
  const mask = i32x4.splat((1 << plain) - 1);
  for (let i = 0; i < size; i += 4) {
    const offset = <usize>i << 2;
    const value = v128.load(folded + offset);
    v128.store(lengths + offset, i32x4.add(i32x4.shr_u(value, plain), least));
    v128.store(folded + offset, v128.or(one, v128.and(value, mask)));
  }
  if (size & 1) {
    store<u32>(lengths + (<usize>size << 2), 0);
    store<u32>(folded + (<usize>size << 2), 0);
  }
  let to = out + (from >>> 3);
  let used: u32 = from & 7; // bits of the byte at `to` that are taken, the lowest of `kept`
  let kept: u64 = <u64>load<u8>(to) >>> (8 - used);
  let i = 0;
  for (; plain <= 11 && i + 4 <= size; i += 4) {
    const offset = <usize>i << 2;
    const a = load<u32>(lengths + offset);
    const b = load<u32>(lengths + offset, 4);
    const c = load<u32>(lengths + offset, 8);
    const d = load<u32>(lengths + offset, 12);
    const length = a + b + c + d;
    if (used + length > 63) break;
    const first = (<u64>load<u32>(folded + offset) << b) | <u64>load<u32>(folded + offset, 4);
    const second = (<u64>load<u32>(folded + offset, 8) << d) | <u64>load<u32>(folded + offset, 12);
    kept = (kept << length) | (first << (c + d)) | second;
    used += length;
    store64(to, kept << (64 - used));
    to += used >>> 3;
    used &= 7;
  }
  for (; i < size; i += 2) {
    const offset = <usize>i << 2;
    const a = load<u32>(lengths + offset);
    const b = load<u32>(lengths + offset, 4);
    if (used + a + b <= 64) {
      kept = (((kept << a) | <u64>load<u32>(folded + offset)) << b) | <u64>load<u32>(folded + offset, 4);
      used += a + b;
      store64(to, kept << (64 - used));
      to += used >>> 3;
      used &= 7;
      continue;
    }
    let at = putLong(out, (<u32>(to - out) << 3) + used, load<u32>(folded + offset), a);
    if (b > 0) at = putLong(out, at, load<u32>(folded + offset, 4), b);
    to = out + (at >>> 3);
    used = at & 7;
    kept = <u64>load<u8>(to) >>> (8 - used);
  }
  return (<u32>(to - out) << 3) + used;
}

/** The same as putBits for any number of bits, most of them zeros. */
function putLong(out: usize, from: u32, value: u64, bits: u32): u32 {
  let at = from;
  let left = bits;
  for (; left > 57; left -= 32) at = putBits(out, at, 0, 32);
  return putBits(out, at, value, left);
}

/** Differences to the numbers before, folded to unsigned, to `folded`; returns their sum. */
function foldBlock(pixels: usize, size: i32, spare: i32, folded: usize): u64 {
  let sums = i64x2.splat(0);
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    const at = pixels + (<usize>i << 2);
    const step = i32x4.shr_s(i32x4.shl(i32x4.sub(v128.load(at), v128.load(at - 4)), spare), spare);
    const fold = v128.xor(i32x4.shl(step, 1), i32x4.shr_s(step, 31));
    v128.store(folded + (<usize>i << 2), fold);
    sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(fold), i64x2.extend_high_i32x4_u(fold)));
  }
  let sum = <u64>i64x2.extract_lane(sums, 0) + <u64>i64x2.extract_lane(sums, 1);
  for (; i < size; i++) {
    const at = pixels + (<usize>i << 2);
    const step = ((load<i32>(at) - load<i32>(at - 4)) << spare) >> spare;
    const fold = (step << 1) ^ (step >> 31);
    store<i32>(folded + (<usize>i << 2), fold);
    sum += <u64><u32>fold;
  }
  return sum;
}

/** Plain bits of a block's differences, by their mean. */
function splitOf(sum: u64, size: i32): i32 {
  const mean = (<f64>sum - <f64>(size >> 1) - 1) / <f64>size;
  return mean < 2 ? 0 : 32 - <i32>clz((<u32>mean) >>> 1);
}

/** Stands for NaN. */
const BLANK: i32 = -2147483647;
/** Stands for an exact zero under SUBTRACTIVE_DITHER_2. */
const EXACT_ZERO: i32 = -2147483646;

/** Added to a double below 2^31, it leaves the nearest integer in the lower half of its bits. */
const NEAREST: f64 = 6755399441055744;

/**
 * Floats (f32) to the integers nearest to value x perStep + random - 0.5, random 0.5 where `randoms` is 0; NaN to BLANK
 * and, where `keepZeros` is 1, exact zeros to EXACT_ZERO. Returns the largest |value|: where it makes 2^31 steps, the
 * integers are meaningless.
 */
export function quantise(
  values: usize, integers: usize, count: i32, perStep: f64, randoms: usize, keepZeros: i32,
): f32 {
  const factor = f64x2.splat(perStep);
  const nearest = f64x2.splat(NEAREST);
  const half = f32x4.splat(0.5);
  const zeros = i32x4.splat(keepZeros ? -1 : 0);
  let largest = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const offset = <usize>i << 2;
    const value = v128.load(values + offset);
    let low = f64x2.mul(f64x2.promote_low_f32x4(value), factor);
    let high = f64x2.mul(promoteHigh(value), factor);
    if (randoms) {
      const random = f32x4.sub(v128.load(randoms + offset), half);
      low = f64x2.add(low, f64x2.promote_low_f32x4(random));
      high = f64x2.add(high, promoteHigh(random));
    }
    let integer = i32x4.shuffle(f64x2.add(low, nearest), f64x2.add(high, nearest), 0, 2, 4, 6);
    integer = v128.bitselect(i32x4.splat(EXACT_ZERO), integer, v128.and(zeros, f32x4.eq(value, f32x4.splat(0))));
    integer = v128.bitselect(i32x4.splat(BLANK), integer, f32x4.ne(value, value));
    v128.store(integers + offset, integer);
    largest = f32x4.pmax(largest, f32x4.abs(value));
  }
  const upper = max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3));
  return max(max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)), upper);
}

@inline
function promoteHigh(value: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 2, 3));
}

/**
 * Integers to floats (f32, or f64 where `wide`): (integer - random + 0.5) x scale + zero, or integer x scale + zero where
 * `randoms` is 0. The integer `blank` is NaN where `hasBlank` is 1, EXACT_ZERO is 0 where `keepZeros` is 1.
 */
export function dequantise(
  integers: usize, values: usize, count: i32, scale: f64, zero: f64, randoms: usize,
  hasBlank: i32, blank: i32, keepZeros: i32, wide: i32,
): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  const half = f64x2.splat(0.5);
  const blanks = i32x4.splat(hasBlank ? -1 : 0);
  const zeros = i32x4.splat(keepZeros ? -1 : 0);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    const integer = v128.load(integers + at);
    let low = f64x2.convert_low_i32x4_s(integer);
    let high = f64x2.convert_low_i32x4_s(i32x4.shuffle(integer, integer, 2, 3, 2, 3));
    if (randoms) {
      const random = v128.load(randoms + at);
      low = f64x2.add(f64x2.sub(low, f64x2.promote_low_f32x4(random)), half);
      high = f64x2.add(f64x2.sub(high, promoteHigh(random)), half);
    }
    low = f64x2.add(f64x2.mul(low, factor), offset);
    high = f64x2.add(f64x2.mul(high, factor), offset);
    const isZero = v128.and(zeros, i32x4.eq(integer, i32x4.splat(EXACT_ZERO)));
    const isBlank = v128.and(blanks, i32x4.eq(integer, i32x4.splat(blank)));
    if (wide) {
      v128.store(values + (at << 1), marked(low, i64x2.extend_low_i32x4_s(isZero), i64x2.extend_low_i32x4_s(isBlank)));
      v128.store(values + (at << 1), marked(high, i64x2.extend_high_i32x4_s(isZero), i64x2.extend_high_i32x4_s(isBlank)), 16);
    } else {
      const value = i32x4.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      v128.store(values + at, marked(value, isZero, isBlank));
    }
  }
}

/** Zero, or all ones, which are a NaN, where the masks say so. */
@inline
function marked(value: v128, isZero: v128, isBlank: v128): v128 {
  return v128.or(v128.andnot(value, isZero), isBlank);
}
