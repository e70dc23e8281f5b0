import type { Header } from '#shared/domain/fits/header.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import type { ReferenceStar } from '#shared/domain/image/reference-star.ts';
import { pixelToSky, type Wcs, wcsToCards } from '#shared/domain/sky/wcs.ts';

/**
 * A synthetic detector and its template after the recipe of the imaging reference: elliptical Moffat PSFs that vary
 * over the field, stars, galaxies of point masses, transients, faders, cosmic rays, a trail; noise drawn pixel by
 * pixel. It shares nothing with the code under test but FITS and WCS.
 */
export interface SceneRecipe {
  readonly seed: number;
  readonly size: number;
  readonly stars: number;
  readonly galaxies: number;
  readonly transients: number;
  readonly faders?: number;
  readonly snr?: readonly number[];
  readonly scienceFwhm?: number;
  readonly templateFwhm?: number;
  readonly skyElectrons?: number;
  readonly brightest?: number;
  readonly cosmicRays?: number;
  /** Uncatalogued satellites crossing the whole detector: SNR for each PSF along the line. */
  readonly streaks?: readonly number[];
  /** Pointing error of the predicted WCS, pixels and degrees. */
  readonly wcsOffset?: readonly [number, number];
  readonly wcsTurnDeg?: number;
}

export interface Truth {
  readonly x: number;
  readonly y: number;
  /** nJy; negative: it has faded. */
  readonly flux: number;
  readonly snr: number;
  readonly hosted: boolean;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Electrons with sky. */
  readonly science: Float32Array;
  /** nJy without sky, on the science pixels, and its variance. */
  readonly template: Float32Array;
  readonly templateVariance: Float32Array;
  readonly stars: readonly { x: number; y: number; flux: number }[];
  readonly galaxies: readonly { x: number; y: number; flux: number }[];
  readonly transients: readonly Truth[];
  readonly wcs: Wcs;
  readonly predictedWcs: Wcs;
  readonly references: readonly ReferenceStar[];
}

/** nJy of one electron in every scene. */
export const NJY_PER_ELECTRON = 2.5;

export const READ_NOISE = 6;
export const FULL_WELL = 100_000;

export interface Random {
  uniform(): number;
  normal(): number;
}

/** sfc32 with Box and Muller's normals. */
export function random(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed >>> 0];
  const next = (): number => {
    const t = (a + b + d) >>> 0;
    d = (d + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + t) >>> 0;
    return t / 4294967296;
  };
  for (let i = 0; i < 20; i++) next();
  return {
    uniform: next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

interface Profile {
  readonly fwhm: number;
  readonly beta: number;
  readonly e1: number;
  readonly e2: number;
}

/** Adds a Moffat point of `flux` down to 0.02 of the unit. */
export function addMoffat(
  image: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  flux: number,
  profile: Profile,
): void {
  const { fwhm, beta, e1, e2 } = profile;
  const alpha = fwhm / (2 * Math.sqrt(2 ** (1 / beta) - 1));
  const peak = (flux * (beta - 1)) / (Math.PI * alpha * alpha);
  const radius = Math.min(300, alpha * Math.sqrt(Math.max(0, (Math.abs(peak) / 0.02) ** (1 / beta) - 1)) + 1);
  const scale = 1 / (alpha * alpha * (1 - e1 * e1 - e2 * e2));
  for (let j = Math.max(0, Math.ceil(y - radius)); j <= Math.min(height - 1, Math.floor(y + radius)); j++) {
    for (let i = Math.max(0, Math.ceil(x - radius)); i <= Math.min(width - 1, Math.floor(x + radius)); i++) {
      const dx = i - x;
      const dy = j - y;
      const xs = (1 - e1) * dx - e2 * dy;
      const ys = (1 + e1) * dy - e2 * dx;
      image[j * width + i] += peak * (1 + (xs * xs + ys * ys) * scale) ** -beta;
    }
  }
}

export function makeScene(recipe: SceneRecipe): Scene {
  const { size, seed } = recipe;
  const draw = random(seed);
  const noise = random(seed + 1000);
  const sky = recipe.skyElectrons ?? 800;
  const [width, height] = [size, size];
  const science = new Float32Array(size * size);
  const template = new Float32Array(size * size);
  const u = (x: number): number => (x - size / 2) / (size / 2);
  const sciencePsf = (x: number, y: number): Profile => ({
    fwhm: (recipe.scienceFwhm ?? 4) + 0.15 * u(x) + 0.1 * u(y) + 0.075 * (u(x) ** 2 + u(y) ** 2),
    beta: 3,
    e1: 0.03 * u(x),
    e2: 0.02 * u(y) + 0.01,
  });
  const templatePsf = (x: number, y: number): Profile => ({
    fwhm: (recipe.templateFwhm ?? 3.3) + 0.05 * u(x) - 0.05 * u(y),
    beta: 3.5,
    e1: 0.01 * u(y),
    e2: -0.01 * u(x),
  });
  const both = (x: number, y: number, flux: number): void => {
    addMoffat(science, width, height, x, y, flux, sciencePsf(x, y));
    addMoffat(template, width, height, x, y, flux, templatePsf(x, y));
  };
  const place = (): { x: number; y: number } => ({
    x: -40 + draw.uniform() * (size + 80),
    y: -40 + draw.uniform() * (size + 80),
  });
  const stars = Array.from({ length: recipe.stars }, () => ({
    ...place(),
    flux: Math.min(recipe.brightest ?? 2e7, 500 * (1 - draw.uniform()) ** (-1 / 0.6)),
  }));
  for (const { x, y, flux } of stars) both(x, y, flux);
  const galaxies = Array.from({ length: recipe.galaxies }, () => ({
    ...place(),
    flux: Math.min(1e6, 500 * (1 - draw.uniform()) ** (-1 / 1.1)),
    re: 1.2 + 5 * draw.uniform() * draw.uniform(),
    ratio: 0.3 + 0.7 * draw.uniform(),
    angle: Math.PI * draw.uniform(),
  }));
  for (const galaxy of galaxies) {
    for (let k = 0; k < 24; k++) {
      const r = ((-galaxy.re * 1.3) / 1.678) * Math.log((1 - draw.uniform()) * (1 - draw.uniform()));
      const t = 2 * Math.PI * draw.uniform();
      const [a, b] = [r * Math.cos(t), r * Math.sin(t) * galaxy.ratio];
      const [c, s] = [Math.cos(galaxy.angle), Math.sin(galaxy.angle)];
      both(galaxy.x + a * c - b * s, galaxy.y + a * s + b * c, galaxy.flux / 24);
    }
  }
  const area = (fwhm: number): number => {
    const alpha = fwhm / (2 * Math.sqrt(2 ** (1 / 3) - 1));
    return (Math.PI * alpha * alpha * 5) / 4;
  };
  const transients: Truth[] = [];
  const wanted = recipe.transients + (recipe.faders ?? 0);
  const hosts = galaxies.filter(
    ({ flux, x, y }) => flux < 5e4 && x > 40 && y > 40 && x < size - 40 && y < size - 40,
  );
  for (let attempt = 0; transients.length < wanted && attempt < 100_000; attempt++) {
    const k = transients.length;
    const hosted = k % 2 === 1 && hosts.length > 0;
    const host = hosts[Math.floor(draw.uniform() * hosts.length)];
    const x = hosted ? host.x + (2 * draw.uniform() - 1) * host.re : 40 + draw.uniform() * (size - 80);
    const y = hosted ? host.y + (2 * draw.uniform() - 1) * host.re : 40 + draw.uniform() * (size - 80);
    const crowded = transients.some((other) => Math.hypot(other.x - x, other.y - y) < 40);
    if (crowded || stars.some((star) => star.flux > 2e5 && Math.hypot(star.x - x, star.y - y) < 60)) continue;
    const ladder = recipe.snr ?? [10, 12, 15, 20, 25, 30];
    const snr = ladder[Math.floor(k / 2) % ladder.length];
    const { fwhm } = sciencePsf(x, y);
    const electrons = snr * Math.sqrt(area(fwhm) * 1.1 * (sky + READ_NOISE ** 2));
    const isFader = k >= recipe.transients;
    if (isFader) addMoffat(template, width, height, x, y, electrons, templatePsf(x, y));
    else addMoffat(science, width, height, x, y, electrons, sciencePsf(x, y));
    transients.push({ x, y, flux: (isFader ? -1 : 1) * electrons * NJY_PER_ELECTRON, snr, hosted });
  }
  for (const snr of recipe.streaks ?? []) {
    const angle = Math.PI * draw.uniform();
    const [cx, cy] = [size * (0.3 + 0.4 * draw.uniform()), size * (0.3 + 0.4 * draw.uniform())];
    // Points every half pixel; about one PSF's width of line (FWHM) is worth `snr`.
    const perPoint = (snr * Math.sqrt(area(4) * (sky + 36))) / 8;
    for (let t = -1.5 * size; t < 1.5 * size; t += 0.5) {
      const [x, y] = [cx + t * Math.cos(angle), cy + t * Math.sin(angle)];
      if (x > -20 && y > -20 && x < size + 20 && y < size + 20)
        addMoffat(science, width, height, x, y, perPoint, sciencePsf(x, y));
    }
  }
  const templateVariance = new Float32Array(size * size);
  for (let i = 0; i < science.length; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const counts = science[i] + sky * (1 + 0.02 * u(x) - 0.015 * u(y) + 0.01 * u(x) * u(y));
    science[i] = Math.min(FULL_WELL, counts + Math.sqrt(counts + READ_NOISE ** 2) * noise.normal());
    const variance = (template[i] + sky + READ_NOISE ** 2) / 10;
    templateVariance[i] = variance * NJY_PER_ELECTRON ** 2;
    template[i] = (template[i] + Math.sqrt(variance) * noise.normal()) * NJY_PER_ELECTRON;
  }
  addCosmicRays(science, size, recipe.cosmicRays ?? 0, noise);
  const wcs = sceneWcs(size);
  const references = stars
    .filter(({ flux, x, y }) => flux > 3000 && x > -20 && y > -20 && x < size + 20 && y < size + 20)
    .map(({ x, y, flux }, k) => {
      const { raDeg, decDeg } = pixelToSky(wcs, x, y);
      return {
        id: `r${k}`,
        raDeg,
        decDeg,
        fluxNjy: flux * NJY_PER_ELECTRON,
        fluxErrNjy: flux * NJY_PER_ELECTRON * 0.003,
      };
    });
  const turn = ((recipe.wcsTurnDeg ?? 0) * Math.PI) / 180;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const [a, b, d, e] = wcs.cd;
  const [dx, dy] = recipe.wcsOffset ?? [0, 0];
  const predictedWcs: Wcs = {
    ...wcs,
    crpix: [wcs.crpix[0] + dx, wcs.crpix[1] + dy],
    cd: [a * c - b * s, a * s + b * c, d * c - e * s, d * s + e * c],
  };
  return {
    width,
    height,
    science,
    template,
    templateVariance,
    stars,
    galaxies,
    transients,
    wcs,
    predictedWcs,
    references,
  };
}

function addCosmicRays(image: Float32Array, size: number, count: number, draw: Random): void {
  for (let k = 0; k < count; k++) {
    let [x, y] = [draw.uniform() * size, draw.uniform() * size];
    const angle = 2 * Math.PI * draw.uniform();
    const length = Math.ceil(25 ** draw.uniform());
    for (let step = 0; step < length; step++) {
      const [i, j] = [Math.floor(x), Math.floor(y)];
      if (i < 0 || j < 0 || i >= size || j >= size) break;
      image[j * size + i] += 300 * 10 ** draw.uniform();
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
  }
}

/** 0.2"/px, rotated by 20 degrees. */
function sceneWcs(size: number): Wcs {
  const scale = 0.2 / 3600;
  const [c, s] = [Math.cos(0.35), Math.sin(0.35)];
  return {
    crvalDeg: [150.1, 2.2],
    crpix: [size / 2 + 3, size / 2 - 7],
    cd: [-scale * c, scale * s, scale * s, scale * c],
  };
}

const AMPLIFIERS = 8;

/** The scene as a raw of 16 amplifiers (two rows of eight, the upper one read downwards) with overscan, Rice-compressed. */
export function rawOf(scene: Scene, seed = 5): Uint8Array {
  const { width, height, science } = scene;
  const draw = random(seed);
  const [w, h] = [width / AMPLIFIERS, height / 2];
  const [prescan, overscan] = [4, 32];
  const primary: Header = [
    { keyword: 'EXPTIME', value: 30 },
    { keyword: 'ROTPA', value: 12.5 },
    ...wcsToCards(scene.predictedWcs),
  ];
  const amplifiers = Array.from({ length: 2 * AMPLIFIERS }, (_, k) => {
    const upper = k >= AMPLIFIERS;
    const column = k % AMPLIFIERS;
    const gain = 1.4 + 0.02 * k;
    const level = 20_000 + 300 * k;
    const raw = new Int32Array((prescan + w + overscan) * h);
    for (let row = 0; row < h; row++) {
      const drift = level + 1.5 * Math.sin(row / 40);
      for (let i = 0; i < prescan + w + overscan; i++) {
        const data = i - prescan;
        // The lower row is read towards smaller x, the upper one from the top.
        const x = upper ? column * w + data : (column + 1) * w - 1 - data;
        const y = upper ? height - 1 - row : row;
        const lit = data >= 0 && data < w;
        const noise = lit ? 0 : READ_NOISE * draw.normal();
        raw[row * (prescan + w + overscan) + i] = Math.round(
          drift + ((lit ? science[y * width + x] : 0) + noise) / gain,
        );
      }
    }
    const [x1, x2] = upper ? [column * w + 1, (column + 1) * w] : [(column + 1) * w, column * w + 1];
    const [y1, y2] = upper ? [height, h + 1] : [1, h];
    return {
      header: [
        { keyword: 'EXTNAME', value: `Segment${upper ? 0 : 1}${column}` },
        { keyword: 'DATASEC', value: `[${prescan + 1}:${prescan + w},1:${h}]` },
        { keyword: 'BIASSEC', value: `[${prescan + w + 1}:${prescan + w + overscan},1:${h}]` },
        { keyword: 'DETSEC', value: `[${x1}:${x2},${y1}:${y2}]` },
        { keyword: 'GAIN', value: gain },
        { keyword: 'RDNOISE', value: READ_NOISE },
        { keyword: 'SATURATE', value: Math.floor(level + (FULL_WELL * 0.98) / gain) },
      ],
      image: { width: prescan + w + overscan, height: h, pixels: raw },
      compression: 'RICE_1' as const,
    };
  });
  return writeFits([{ header: primary }, ...amplifiers]);
}

/** The scene's template as one tile on the science pixels' own coordinates, or on others through `tile`. */
export function templateOf(scene: Scene): Uint8Array {
  const { width, height, template, templateVariance, wcs } = scene;
  return writeFits([
    { header: [] },
    {
      header: [{ keyword: 'EXTNAME', value: 'IMAGE' }, ...wcsToCards(wcs)],
      image: { width, height, pixels: template },
    },
    {
      header: [{ keyword: 'EXTNAME', value: 'VARIANCE' }],
      image: { width, height, pixels: templateVariance },
    },
  ]);
}
