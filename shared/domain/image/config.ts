/** What a site may set about the pixel chain; everything else follows from the data. */
export interface ImageConfig {
  /** Detection threshold on the score image, sigma. */
  readonly threshold: number;
  /** Electrons per ADU where the header has no GAIN. */
  readonly gain: number;
  /** Electrons, where the header has no RDNOISE and there is no overscan to measure. */
  readonly readNoise: number;
  /** Raw level from which a pixel is saturated where the header has no SATURATE. */
  readonly saturationAdu: number;
  /** Least fraction of the detector that templates must cover (LSST's requiredTemplateFraction). */
  readonly templateFraction: number;
  /** Farthest offset of the predicted from the true position that the astrometric match looks for. */
  readonly matchRadiusArcsec: number;
}

export const defaultImageConfig: ImageConfig = {
  threshold: 5,
  gain: 1,
  readNoise: 10,
  saturationAdu: Number.POSITIVE_INFINITY,
  templateFraction: 0.1,
  matchRadiusArcsec: 15,
};
