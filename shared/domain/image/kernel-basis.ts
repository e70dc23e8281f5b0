/** One basis function: g_x(i) g_y(j), each a power times a Gaussian, less `subtract` times the first function. */
export interface BasisFunction {
  readonly gaussian: number;
  readonly px: number;
  readonly py: number;
  /** Factor that gives an even function the sum 1 (the others have the sum 0 by symmetry and 1 here). */
  readonly scale: number;
  /** 1 for even functions but the first, which makes them zero-sum. */
  readonly subtract: 0 | 1;
}

/**
 * The basis of Alard & Lupton (1998): Gaussians times polynomials x^i y^j with i + j up to a degree for each, on
 * (2 half + 1)² pixels. All functions but the first have zero sum, so that the first one's coefficient, which does not
 * vary over the image, is the photometric scale (Alard 2000).
 */
export interface KernelBasis {
  readonly half: number;
  readonly functions: readonly BasisFunction[];
  /** rows[g][p]: x^p times Gaussian g, sampled at -half..half. */
  readonly rows: readonly (readonly Float64Array[])[];
}

export function kernelBasis(
  sigmas: readonly number[],
  degrees: readonly number[],
  half: number,
): KernelBasis {
  const rows = sigmas.map((sigma, g) =>
    Array.from({ length: degrees[g] + 1 }, (_, power) =>
      // Powers of x / half keep the functions of high degree of order one.
      Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
        const x = i - half;
        return Math.exp((-0.5 * x * x) / (sigma * sigma)) * (x / half) ** power;
      }),
    ),
  );
  const functions: BasisFunction[] = [];
  sigmas.forEach((_, gaussian) => {
    for (let degree = 0; degree <= degrees[gaussian]; degree++) {
      for (let py = 0; py <= degree; py++) {
        const px = degree - py;
        const even = px % 2 === 0 && py % 2 === 0;
        const sum = even ? total(rows[gaussian][px]) * total(rows[gaussian][py]) : 0;
        const first = functions.length === 0;
        functions.push({ gaussian, px, py, scale: even ? 1 / sum : 1, subtract: even && !first ? 1 : 0 });
      }
    }
  });
  return { half, functions, rows };
}

/** The basis for two FWHM in pixels: LSST's ladder of three sigmas, degrees 6,4,2 or 4,2,2 or 2,2,0 by number of stamps. */
export function chooseBasis(sharpFwhm: number, softFwhm: number, stampCount: number): KernelBasis {
  const sigma = Math.sqrt(Math.abs(softFwhm * softFwhm - sharpFwhm * sharpFwhm)) / 2.355;
  const first = softFwhm >= sharpFwhm ? Math.max(0.7, sigma / 2) : 0.5;
  const degrees = stampCount >= 150 ? [6, 4, 2] : stampCount >= 20 ? [4, 2, 2] : [2, 2, 0];
  return kernelBasis([first, 2 * first, 4 * first], degrees, 10);
}

/** The stamp of every basis function, row-major. */
export function basisStamps(basis: KernelBasis): Float64Array[] {
  const side = 2 * basis.half + 1;
  const stamps: Float64Array[] = [];
  for (const { gaussian, px, py, scale, subtract } of basis.functions) {
    const stamp = new Float64Array(side * side);
    const gx = basis.rows[gaussian][px];
    const gy = basis.rows[gaussian][py];
    for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) stamp[j * side + i] = scale * gx[i] * gy[j];
    if (subtract === 1) for (let i = 0; i < stamp.length; i++) stamp[i] -= stamps[0][i];
    stamps.push(stamp);
  }
  return stamps;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
