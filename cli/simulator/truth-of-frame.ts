import { pixelToSky, skyToPixel } from '#shared/domain/sky/wcs.ts';
import type { Chord } from './chord.ts';
import { type Frame, isOn } from './frame.ts';
import { differenceSigma } from './observation.ts';
import { moffatAlpha } from './passbands.ts';
import type { Amplifier } from './sensor.ts';
import type { SkyContents } from './sky-model.ts';
import type { Streak } from './streaks.ts';
import type { SourceTruth } from './truth.ts';

/** Stars and galaxies below this SNR are in the image, not in the truth table. */
const FAINTEST_SNR = 3;

type Change = Pick<SourceTruth, 'id' | 'kind' | 'raDeg' | 'decDeg' | 'flux' | 'hosted'>;

/** What changed at a place. */
export function changeTruth(frame: Frame, change: Change, { x, y }: { x: number; y: number }): SourceTruth {
  const { id, kind, raDeg, decDeg, flux, hosted } = change;
  const snr = Math.abs(flux) / sigmaAt(frame, x, y);
  return { ...identity(frame), id, kind, raDeg, decDeg, x, y, flux, snr, hosted, saturated: false };
}

export function streakTruth(frame: Frame, { id, kind }: Streak, chord: Chord, flux: number): SourceTruth {
  const [x, y] = [(chord.from.x + chord.to.x) / 2, (chord.from.y + chord.to.y) / 2];
  const middle = { ...pixelToSky(frame.optics.wcs, x, y), x, y };
  const size = { flux, snr: flux / sigmaAt(frame, x, y) };
  const ends = [chord.from, chord.to] as const;
  return { ...identity(frame), id, kind, ...middle, ...size, hosted: false, saturated: false, ends };
}

/** The stars and galaxies on the detector; a variable star is among the changes. */
export function constantTruth(
  frame: Frame,
  contents: SkyContents,
  amplifiers: readonly Amplifier[],
): SourceTruth[] {
  const { detector, optics, visit } = frame;
  const variable = new Set(contents.sites.flatMap((site) => site.constant ?? []));
  const kinds = [
    ['star', contents.stars.filter((star) => !variable.has(star))],
    ['galaxy', contents.galaxies],
  ] as const;
  return kinds.flatMap(([kind, sources]) =>
    sources.flatMap(({ id, raDeg, decDeg, flux: fluxes }): SourceTruth[] => {
      const place = skyToPixel(optics.wcs, raDeg, decDeg);
      if (!place || !isOn(detector, place)) return [];
      const flux = fluxes[visit.band];
      const snr = flux / sigmaAt(frame, place.x, place.y);
      if (snr < FAINTEST_SNR) return [];
      const saturated = kind === 'star' && fillsWell(frame, place, flux, amplifiers);
      return [{ ...identity(frame), id, kind, raDeg, decDeg, ...place, flux, snr, hosted: false, saturated }];
    }),
  );
}

function fillsWell(
  { optics, conditions }: Frame,
  { x, y }: { x: number; y: number },
  fluxNjy: number,
  amplifiers: readonly Amplifier[],
): boolean {
  const { fwhmPixels, beta } = optics.profileAt(x, y);
  const peak = (beta - 1) / (Math.PI * moffatAlpha(fwhmPixels, beta) ** 2);
  const smallestWell = Math.min(...amplifiers.map((amplifier) => amplifier.fullWell));
  return peak * fluxNjy * optics.countsPerNjy + conditions.sky > smallestWell;
}

function sigmaAt({ conditions, detector, visit }: Frame, x: number, y: number): number {
  return differenceSigma(conditions, detector, visit.band, x, y);
}

function identity({ visit, detector }: Frame): Pick<SourceTruth, 'visit' | 'detector'> {
  return { visit: visit.visit, detector: detector.number };
}
