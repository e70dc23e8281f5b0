/**
 * Two-dimensional complex FFT of n x n (n a power of two) for convolution: the forward transform leaves the spectrum
 * bit-reversed and transposed, the inverse takes it so. Products and quotients of spectra need no order, and the two
 * reorderings saved are a third of the time.
 */
export interface FourierPlan {
  readonly size: number;
  forward(real: Float64Array, imaginary: Float64Array): void;
  /** Includes the factor 1/n². */
  inverse(real: Float64Array, imaginary: Float64Array): void;
}

export function planFourier(size: number): FourierPlan {
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k++) {
    cosines[k] = Math.cos((2 * Math.PI * k) / size);
    sines[k] = Math.sin((2 * Math.PI * k) / size);
  }
  return {
    size,
    forward(real, imaginary) {
      decimateInFrequency(real, imaginary, size, cosines, sines);
      transpose(real, size);
      transpose(imaginary, size);
      decimateInFrequency(real, imaginary, size, cosines, sines);
    },
    inverse(real, imaginary) {
      decimateInTime(real, imaginary, size, cosines, sines);
      transpose(real, size);
      transpose(imaginary, size);
      decimateInTime(real, imaginary, size, cosines, sines);
      const factor = 1 / (size * size);
      for (let i = 0; i < real.length; i++) {
        real[i] *= factor;
        imaginary[i] *= factor;
      }
    },
  };
}

// Each butterfly runs over whole rows, so the inner loop is contiguous and the twiddle factor constant.
function decimateInFrequency(
  re: Float64Array,
  im: Float64Array,
  n: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  for (let half = n >> 1, stride = 1; half >= 1; half >>= 1, stride <<= 1) {
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride];
        const s = -sines[k * stride];
        const end = (start + k + 1) * n;
        for (let a = (start + k) * n, b = a + half * n; a < end; a++, b++) {
          const dr = re[a] - re[b];
          const di = im[a] - im[b];
          re[a] += re[b];
          im[a] += im[b];
          re[b] = dr * c - di * s;
          im[b] = dr * s + di * c;
        }
      }
    }
  }
}

function decimateInTime(
  re: Float64Array,
  im: Float64Array,
  n: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  for (let half = 1, stride = n >> 1; half < n; half <<= 1, stride >>= 1) {
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride];
        const s = sines[k * stride];
        const end = (start + k + 1) * n;
        for (let a = (start + k) * n, b = a + half * n; a < end; a++, b++) {
          const tr = re[b] * c - im[b] * s;
          const ti = re[b] * s + im[b] * c;
          re[b] = re[a] - tr;
          im[b] = im[a] - ti;
          re[a] += tr;
          im[a] += ti;
        }
      }
    }
  }
}

function transpose(values: Float64Array, n: number): void {
  for (let y = 1; y < n; y++) {
    for (let x = 0; x < y; x++) {
      const swap = values[y * n + x];
      values[y * n + x] = values[x * n + y];
      values[x * n + y] = swap;
    }
  }
}
