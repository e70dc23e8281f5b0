import type { Detector } from '#shared/domain/ids/instruments.ts';
import { addCosmicRays, bleed, countPhotons, fillHotColumns } from './charge.ts';
import { chordOn } from './chord.ts';
import { type Frame, frameOf, isOn } from './frame.ts';
import { profileAt, skyAt } from './observation.ts';
import { type Canvas, paintLine } from './paint.ts';
import { randomStream } from './random.ts';
import { type AmplifierImage, readOut } from './read-out.ts';
import { paintContents, paintSource } from './scene.ts';
import { type Amplifier, amplifiersOf } from './sensor.ts';
import { badColumns, responseOf } from './sensor-response.ts';
import { asteroidsOf, contentsOf, type SkyContents } from './sky-model.ts';
import type { Streak } from './streaks.ts';
import type { Plan, Visit } from './survey-plan.ts';
import type { SourceTruth } from './truth.ts';
import { changeTruth, constantTruth, streakTruth } from './truth-of-frame.ts';

/** Electrons under which the points of a streak, which overlap, are cut off. */
const STREAK_FLOOR = 0.002;

/** What comes off a detector, and what really was in front of it. */
export interface ExposedDetector {
  readonly images: readonly AmplifierImage[];
  readonly truth: readonly SourceTruth[];
}

/** Renders one detector of one visit: the same bytes whenever and wherever it is done. */
export function expose(
  plan: Plan,
  visit: Visit,
  detector: Detector,
  streaks: readonly Streak[],
): ExposedDetector {
  const frame = frameOf(plan, visit, detector);
  const canvas = skyCanvas(frame);
  const contents = contentsOf(plan, frame.disc);
  paintContents(canvas, frame.optics, contents);
  const amplifiers = amplifiersOf(plan.seed, detector);
  const truth = [
    ...constantTruth(frame, contents, amplifiers),
    ...paintChanges(canvas, frame, contents),
    ...paintStreaks(canvas, frame, streaks),
  ];
  collect(canvas, frame, amplifiers);
  return { images: readOut(plan.seed, detector, amplifiers, canvas, visit.obsId), truth };
}

function skyCanvas({ detector, conditions }: Frame): Canvas {
  const { width, height } = detector;
  const pixels = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const left = skyAt(conditions, detector, 0, y);
    const step = (skyAt(conditions, detector, width, y) - left) / width;
    for (let x = 0; x < width; x++) pixels[y * width + x] = left + step * x;
  }
  return { width, height, pixels };
}

/** From light in front of the detector to charge in its pixels. */
function collect(canvas: Canvas, { plan, visit, detector }: Frame, amplifiers: readonly Amplifier[]) {
  const draw = randomStream(plan.seed, 'photons', visit.obsId, detector.name);
  const response = responseOf(plan.seed, plan.instrument, detector, visit.physicalFilter);
  for (let at = 0; at < response.length; at++) canvas.pixels[at] *= response[at];
  countPhotons(draw, canvas);
  addCosmicRays(draw, canvas);
  fillHotColumns(draw, canvas, badColumns(plan.seed, detector));
  bleed(canvas, detector, amplifiers);
}

/** Supernovae, variable stars and asteroids: what this moment has and the template has not. */
function paintChanges(canvas: Canvas, frame: Frame, { sites }: SkyContents): SourceTruth[] {
  const { plan, visit, optics, disc } = frame;
  const middle = (visit.begin + visit.end) / 2;
  const changes = sites.map((site) => ({
    id: site.id,
    kind: site.kind,
    raDeg: site.raDeg,
    decDeg: site.decDeg,
    flux: site.amplitude[visit.band] * site.lightCurve(middle),
    hosted: site.host !== undefined,
  }));
  const asteroids = asteroidsOf(plan, disc, visit.index).map((asteroid) => ({
    id: asteroid.id,
    kind: 'asteroid' as const,
    ...asteroid.placeAt(middle),
    flux: asteroid.amplitude[visit.band],
    hosted: false,
  }));
  return [...changes, ...asteroids].flatMap((change) => {
    const place = paintSource(canvas, optics, change, change.flux);
    return place && isOn(frame.detector, place) ? [changeTruth(frame, change, place)] : [];
  });
}

function paintStreaks(canvas: Canvas, frame: Frame, streaks: readonly Streak[]): SourceTruth[] {
  const { detector, conditions, optics, disc } = frame;
  return streaks.flatMap((streak) => {
    const chord = chordOn(streak, optics.wcs, detector, disc);
    if (!chord) return [];
    const flux = streak.fluxNjy * chord.fraction;
    const profile = profileAt(
      conditions,
      detector,
      (chord.from.x + chord.to.x) / 2,
      (chord.from.y + chord.to.y) / 2,
    );
    paintLine(canvas, chord.from, chord.to, flux * optics.countsPerNjy, profile, STREAK_FLOOR);
    return [streakTruth(frame, streak, chord, flux)];
  });
}
