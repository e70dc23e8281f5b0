const PHASES = 1024;
const TAPS = 6;

// Weights of Lanczos3 for 1024 sub-pixel phases, each row summing to 1, so that a flat image stays flat.
const table = new Float64Array((PHASES + 1) * TAPS);
for (let phase = 0; phase <= PHASES; phase++) {
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const t = (tap - 2 - phase / PHASES) * Math.PI;
    const weight =
      Math.abs(t) < 1e-9 ? 1 : Math.abs(t) >= 3 * Math.PI ? 0 : (3 * Math.sin(t) * Math.sin(t / 3)) / (t * t);
    table[phase * TAPS + tap] = weight;
    sum += weight;
  }
  for (let tap = 0; tap < TAPS; tap++) table[phase * TAPS + tap] /= sum;
}

/** The weights as the kernels take them: f32, 1025 phases of 6 and two zeros. */
export function lanczosTable(): Float32Array {
  return Float32Array.from({ length: (PHASES + 1) * 8 }, (_, at) =>
    at % 8 < TAPS ? table[(at >> 3) * TAPS + (at % 8)] : 0,
  );
}

/** A square stamp shifted by (dx, dy), |shift| <= 1: its content moves towards larger x and y. Outside is 0. */
export function shiftStamp(stamp: Float64Array, side: number, dx: number, dy: number): Float64Array {
  return shiftRows(shiftColumns(stamp, side, dx), side, dy);
}

function taps(shift: number): { first: number; phase: number } {
  const at = -shift;
  const floor = Math.floor(at);
  return { first: floor - 2, phase: Math.round((at - floor) * PHASES) * TAPS };
}

function shiftColumns(stamp: Float64Array, side: number, dx: number): Float64Array {
  const { first, phase } = taps(dx);
  const out = new Float64Array(stamp.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let k = 0; k < TAPS; k++) {
        const i = x + first + k;
        if (i >= 0 && i < side) sum += table[phase + k] * stamp[y * side + i];
      }
      out[y * side + x] = sum;
    }
  }
  return out;
}

function shiftRows(stamp: Float64Array, side: number, dy: number): Float64Array {
  const { first, phase } = taps(dy);
  const out = new Float64Array(stamp.length);
  for (let k = 0; k < TAPS; k++) {
    const weight = table[phase + k];
    for (let y = 0; y < side; y++) {
      const j = y + first + k;
      if (j < 0 || j >= side) continue;
      for (let x = 0; x < side; x++) out[y * side + x] += weight * stamp[j * side + x];
    }
  }
  return out;
}
