import { findCandidates } from './candidates.ts';
import { findGlints } from './glint.ts';
import { measureSource, type Scene, type SourceWithoutStamps, type UnjudgedSource } from './measure.ts';
import { reliabilityOf } from './reliability/judge.ts';

/**
 * What is this much negative on the science image itself is an artefact: -2 (LSST's minAllowedDirectSnr) for sources
 * that brightened; -5 for faded ones, of which 2.3 % on an empty sky would be below -2 by noise alone.
 */
const LEAST_DIRECT_SNR = { brightened: -2, faded: -5 };

/** Candidates measured, artefacts dropped, the others judged, ordered by (y, x). */
export function measureAll(scene: Scene, threshold: number): SourceWithoutStamps[] {
  const sources = findCandidates(scene.difference, threshold)
    .map((candidate) => measureSource(scene, candidate))
    .filter((source) => !isHole(source));
  const glints = findGlints(sources);
  return sources
    .map((source, k) => ({ ...source, glint_trail: glints[k], ...reliabilityOf(scene, source) }))
    .sort((a, b) => a.y - b.y || a.x - b.x);
}

function isHole({ scienceFlux, scienceFluxErr, isNegative }: UnjudgedSource): boolean {
  if (scienceFlux === null || scienceFluxErr === null) return false;
  return scienceFlux / scienceFluxErr < (isNegative ? LEAST_DIRECT_SNR.faded : LEAST_DIRECT_SNR.brightened);
}
