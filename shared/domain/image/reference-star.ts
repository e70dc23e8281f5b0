/** A star of the reference catalogue in the exposure's band, at the epoch of the exposure (ICRS). */
export interface ReferenceStar {
  readonly id: string;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly fluxNjy: number;
  readonly fluxErrNjy: number;
}
