/** Side of the stretches of a row that the scans tell of. */
const BLOCK = 16;

/** Non-finite pixels to 0 with `missing` in the mask, those of at least `saturation` with `saturated`. */
export function screenRows(
  image: usize, mask: usize, width: i32, missing: i32, saturation: f32, saturated: i32,
  scratch: usize, from: i32, to: i32,
): void {
  const end = <usize>to * width;
  let at = <usize>from * width;
  const largest = f32x4.splat(saturation);
  const finite = f32x4.splat(f32.MAX_VALUE);
  for (; at + 4 <= end; at += 4) {
    const pixels = v128.load(image + (at << 2));
    // True for a number below both limits; for NaN it is false.
    const plain = v128.and(f32x4.lt(pixels, largest), f32x4.le(f32x4.abs(pixels), finite));
    if (i32x4.all_true(plain)) continue;
    for (let k: usize = 0; k < 4; k++) screen(image, mask, at + k, missing, saturation, saturated);
  }
  for (; at < end; at++) screen(image, mask, at, missing, saturation, saturated);
}

function screen(image: usize, mask: usize, at: usize, missing: i32, saturation: f32, saturated: i32): void {
  const value = load<f32>(image + (at << 2));
  let bits = <i32>load<u16>(mask + (at << 1));
  if (!isFinite<f32>(value)) {
    store<f32>(image + (at << 2), 0);
    bits |= missing;
  } else if (value >= saturation) bits |= saturated;
  store<u16>(mask + (at << 1), <u16>bits);
}

/**
 * Which stretches of 16 pixels hold one above its row's limit: a byte each, ceil(width / 16) a row.
 *
 * limits: f32, one a row.
 */
export function brightBlocks(
  image: usize, blocks: usize, width: i32, limits: usize, scratch: usize, from: i32, to: i32,
): void {
  const columns = (width + BLOCK - 1) / BLOCK;
  for (let y = from; y < to; y++) {
    const row = image + ((<usize>y * width) << 2);
    const out = blocks + <usize>y * columns;
    const limit = load<f32>(limits + (<usize>y << 2));
    const limits4 = f32x4.splat(limit);
    let x = 0;
    for (; x + BLOCK <= width; x += BLOCK) {
      const at = row + (<usize>x << 2);
      const a = f32x4.max(v128.load(at), v128.load(at, 16));
      const b = f32x4.max(v128.load(at, 32), v128.load(at, 48));
      store<u8>(out + x / BLOCK, v128.any_true(f32x4.gt(f32x4.max(a, b), limits4)) ? 1 : 0);
    }
    if (x == width) continue;
    let found = false;
    for (let i = x; i < width; i++) if (load<f32>(row + (<usize>i << 2)) > limit) found = true;
    store<u8>(out + x / BLOCK, found ? 1 : 0);
  }
}

/** Which stretches of 16 pixels have any bit of `bits` in the mask: a byte each, ceil(width / 16) a row. */
export function markedBlocks(
  mask: usize, blocks: usize, width: i32, bits: i32, scratch: usize, from: i32, to: i32,
): void {
  const columns = (width + BLOCK - 1) / BLOCK;
  const wanted = i16x8.splat(<i16>bits);
  for (let y = from; y < to; y++) {
    const row = mask + ((<usize>y * width) << 1);
    const out = blocks + <usize>y * columns;
    let x = 0;
    for (; x + BLOCK <= width; x += BLOCK) {
      const at = row + (<usize>x << 1);
      store<u8>(out + x / BLOCK, v128.any_true(v128.and(wanted, v128.or(v128.load(at), v128.load(at, 16)))) ? 1 : 0);
    }
    if (x == width) continue;
    let found = 0;
    for (let i = x; i < width; i++) found |= <i32>load<u16>(row + (<usize>i << 1)) & bits;
    store<u8>(out + x / BLOCK, found != 0 ? 1 : 0);
  }
}
