import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { angleArcsec, toRaDec, toVector, type Vector } from '#shared/domain/sky/vector.ts';
import { pixelToSky, skyToPixel, type Wcs, wcsToCards } from '#shared/domain/sky/wcs.ts';
import { type ElementSet, elementsSeenAt, propagatorOf } from '../../cli/simulator/orbits.ts';
import { type Random, randomStream } from '../../cli/simulator/random.ts';
import { momentAt, starTiedDirection } from '../../cli/simulator/satellite-direction.ts';
import { taiFromUnixMs } from '../../cli/simulator/tai.ts';
import {
  type DecamVisit,
  decamVisit,
  type Frame,
  filterName,
  firstExposureMs,
  type Template,
} from './decam-visit.ts';
import { addMoffat, makeScene, NJY_PER_ELECTRON, READ_NOISE, type Scene } from './scene.ts';

/** Something put into every visit's pixels, and whether a satellite of the catalogue passes there. */
export interface Planted {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly onPath: boolean;
}

/** One visit of the field, and the satellite that crosses it. */
export interface CrossedVisit extends DecamVisit {
  readonly elements: ElementSet;
  /** Arc seconds between a place and the satellite's path while the shutter is open. */
  fromPath(raDeg: number, decDeg: number): number;
}

/**
 * A field of stars that a catalogued satellite crosses in every visit: its streak, point sources near it and far, and
 * farther yet the streak of something that no catalogue has.
 */
export interface CrossedField {
  readonly template: Template;
  /** Three on the path, three off it. */
  readonly planted: readonly Planted[];
  /** The visit with a sequence number; a satellite of its own is seen in it. */
  visit(seqNum: number): CrossedVisit;
}

const size = 256;
/** High in the sky of the first exposure; 0.5" a pixel, so that the field is wider than a corridor of 2 x 36". */
const scale = 0.5 / 3600;
const wcs: Wcs = {
  crvalDeg: [21, -29],
  crpix: [size / 2 + 3, size / 2 - 7],
  cd: [-scale, 0, 0, scale],
};
/** Where the satellite stands in the middle of an exposure, pixels. */
const aim = { x: 60, y: 60 };
/** Arc seconds from the path: well within the corridor's 36", and well outside. */
const offsets: readonly { arcsec: number; onPath: boolean }[] = [
  { arcsec: 14, onPath: true },
  { arcsec: 20, onPath: true },
  { arcsec: 26, onPath: true },
  { arcsec: 48, onPath: false },
  { arcsec: 58, onPath: false },
  { arcsec: 68, onPath: false },
];
/** The stray streak: how far from the path, and how long (20", where 12.5" are too fast for an alert). */
const strayArcsec = 79;
const strayPixels = 40;
const profile = { fwhm: 4, beta: 3, e1: 0, e2: 0 };
/** A point source at 18 sigma: the noise of sky and read-out under a PSF of 60 pixels is 236 electrons. */
const pointElectrons = 18 * 236;
/** Electrons for each half pixel of the streak, which stands 10 sigma above the sky. */
const streakElectrons = 1000;
const halfExposureMs = 15_000;
/** Between two samples of a path: 2" at 20,000 km. */
const stepMs = 50;

interface Pixel {
  readonly x: number;
  readonly y: number;
}

export function crossedField(seed: number): CrossedField {
  const scene = makeScene({ seed, size, stars: 40, galaxies: 5, transients: 0, brightest: 2e5 });
  const centre = pixelToSky(wcs, (size - 1) / 2, (size - 1) / 2);
  const cards = [
    ...wcsToCards(wcs),
    { keyword: 'GAIN', value: 1 },
    { keyword: 'RDNOISE', value: READ_NOISE },
    { keyword: 'SATURATE', value: 98_000 },
  ];
  const plane = { cards, wcs, width: size, height: size, ...centre, filter: filterName };
  const path = pathOf(elementsOf(1), 1);
  const pixels = quietPixels(scene, path, offsets);
  const planted = offsets.map(({ onPath }, index) => ({
    ...pixelToSky(wcs, pixels[index]!.x, pixels[index]!.y),
    onPath,
  }));
  const science = scene.science.slice();
  for (const { x, y } of pixels) addMoffat(science, size, size, x, y, pointElectrons, profile);
  const [stray] = quietPixels(scene, path, [{ arcsec: strayArcsec }]) as [Pixel];
  const half = strayPixels / 2;
  paint(science, { x: stray.x - half, y: stray.y }, { x: stray.x + half, y: stray.y });
  return {
    template: { ...plane, pixels: scene.template, variance: scene.templateVariance },
    planted,
    visit(seqNum) {
      const elements = elementsOf(seqNum);
      const path = pathOf(elements, seqNum);
      const frame: Frame = { ...plane, pixels: withStreak(science, path), njyPerCount: NJY_PER_ELECTRON };
      const fromPath = (raDeg: number, decDeg: number) => distanceTo(path, toVector(raDeg, decDeg));
      return { ...decamVisit(seqNum, frame), elements, fromPath };
    },
  };
}

/** All satellites here fly alike, at 20,200 km: there a corridor has its least width, whatever the elements' error. */
const alike = (): Random => ({ ...randomStream('crossing'), index: () => 5 });

const middleOf = (seqNum: number): number =>
  taiFromUnixMs(firstExposureMs + (seqNum - 1) * 60_000) + halfExposureMs;

const elementsOf = (seqNum: number): ElementSet => crossing(seqNum, pixelToSky(wcs, aim.x, aim.y));

/** A satellite on a path beside the others', through a place of the field, in one visit. */
export const crossing = (
  seqNum: number,
  place: { raDeg: number; decDeg: number },
  number = 50_000,
): ElementSet => elementsSeenAt(alike(), number + seqNum, place, middleOf(seqNum), rubinSite);

/** Where it is seen during the exposure, as far as that is within 3' of the field's middle. */
function pathOf(elements: ElementSet, seqNum: number): Vector[] {
  const propagator = propagatorOf(elements);
  const centre = toVector(...wcs.crvalDeg);
  return Array.from({ length: (2 * halfExposureMs) / stepMs + 1 }, (_, index) => {
    const tai = middleOf(seqNum) - halfExposureMs + index * stepMs;
    const seen = starTiedDirection(propagator, momentAt(tai, rubinSite));
    if (!seen) throw new Error(`SGP4 gives no position of ${elements.NORAD_CAT_ID}.`);
    return seen.direction;
  }).filter((place) => angleArcsec(place, centre) < 180);
}

const distanceTo = (path: readonly Vector[], place: Vector): number =>
  Math.min(...path.map((step) => angleArcsec(step, place)));

/** One pixel for each distance from the path, away from the stars and galaxies of the scene. */
function quietPixels(
  scene: Scene,
  path: readonly Vector[],
  offsets: readonly { readonly arcsec: number }[],
): Pixel[] {
  const fixed = [...scene.stars, ...scene.galaxies].filter(({ flux }) => flux > 500);
  const room = ({ x, y }: Pixel) =>
    Math.min(...fixed.map((each) => Math.hypot(each.x - x, each.y - y) / Math.log10(each.flux)));
  const edge = 30.3;
  const columns = Math.floor((size - 2 * edge) / 2);
  const candidates = Array.from({ length: columns ** 2 }, (_, index) => {
    const [x, y] = [edge + 2 * (index % columns), edge + 2 * Math.floor(index / columns)];
    const { raDeg, decDeg } = pixelToSky(wcs, x, y);
    return { x, y, arcsec: distanceTo(path, toVector(raDeg, decDeg)) };
  }).toSorted((a, b) => room(b) - room(a));
  return offsets.map(({ arcsec }) => {
    const fitting = candidates.find((each) => Math.abs(each.arcsec - arcsec) < 1);
    if (!fitting) throw new Error(`No pixel is ${arcsec}" from the path.`);
    return fitting;
  });
}

function withStreak(science: Float32Array, path: readonly Vector[]): Float32Array {
  const pixels = science.slice();
  const steps = path.map((step) => {
    const { raDeg, decDeg } = toRaDec(step);
    return skyToPixel(wcs, raDeg, decDeg)!;
  });
  for (const [index, to] of steps.slice(1).entries()) paint(pixels, steps[index]!, to);
  return pixels;
}

/** Adds a line of points, two a pixel. */
function paint(pixels: Float32Array, from: Pixel, to: Pixel): void {
  const pieces = Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y));
  for (let piece = 0; piece < pieces; piece++) {
    const x = from.x + ((to.x - from.x) * piece) / pieces;
    const y = from.y + ((to.y - from.y) * piece) / pieces;
    if (x > -20 && y > -20 && x < size + 20 && y < size + 20)
      addMoffat(pixels, size, size, x, y, streakElectrons, profile);
  }
}
