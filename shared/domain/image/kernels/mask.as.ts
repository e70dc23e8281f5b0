/** Bits of the masks, as in masked-image.ts; a test compares them. */
const BAD: i16 = 1;
const SAT: i16 = 2;
const NO_DATA: i16 = 256;
const EDGE_SHIFT_DOWN = 4;
const SAT_TEMPLATE_SHIFT = 8;
const NO_TEMPLATE_SHIFT = 3;
const BAD_TEMPLATE_SHIFT = 12;

/**
 * Copies a template's SAT, NO_DATA and BAD into the image's mask as SAT_TEMPLATE, NO_TEMPLATE (with EDGE, which is to be
 * grown) and BAD_TEMPLATE.
 */
export function combineMaskRows(mask: usize, template: usize, width: i32, scratch: usize, from: i32, to: i32): void {
  const end = <usize>to * width;
  let at = <usize>from * width;
  const bad = i16x8.splat(BAD);
  const saturated = i16x8.splat(SAT);
  const missing = i16x8.splat(NO_DATA);
  for (; at + 8 <= end; at += 8) {
    const t = v128.load(template + (at << 1));
    const a = i16x8.shl(v128.and(t, saturated), SAT_TEMPLATE_SHIFT);
    const b = i16x8.shl(v128.and(t, missing), NO_TEMPLATE_SHIFT);
    const c = i16x8.shl(v128.and(t, bad), BAD_TEMPLATE_SHIFT);
    const d = i16x8.shr_u(v128.and(t, missing), EDGE_SHIFT_DOWN);
    const bits = v128.or(v128.or(a, b), v128.or(c, d));
    v128.store(mask + (at << 1), v128.or(v128.load(mask + (at << 1)), bits));
  }
  for (; at < end; at++) {
    const t = <i32>load<u16>(template + (at << 1));
    const bits =
      ((t & SAT) << SAT_TEMPLATE_SHIFT) |
      ((t & NO_DATA) << NO_TEMPLATE_SHIFT) |
      ((t & BAD) << BAD_TEMPLATE_SHIFT) |
      ((t & NO_DATA) >> EDGE_SHIFT_DOWN);
    store<u16>(mask + (at << 1), load<u16>(mask + (at << 1)) | <u16>bits);
  }
}

/** Clears bits of a u16 mask. */
export function clearMaskRows(mask: usize, width: i32, bits: i32, scratch: usize, from: i32, to: i32): void {
  const end = <usize>to * width;
  let at = <usize>from * width;
  const cleared = i16x8.splat(<i16>bits);
  for (; at + 8 <= end; at += 8)
    v128.store(mask + (at << 1), v128.andnot(v128.load(mask + (at << 1)), cleared));
  for (; at < end; at++) store<u16>(mask + (at << 1), load<u16>(mask + (at << 1)) & <u16>~bits);
}
