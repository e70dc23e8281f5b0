import { type Amplifier, placementInReadOut } from './amplifiers.ts';
import { ImageRefused } from './refusal.ts';
import { SCRATCH_BYTES, type Workspace } from './workspace.ts';

/**
 * What amplifiers that are read at the same time leak into each other, as `crosstalk.json` beside a detector's other
 * calibrations has it: `{"amplifiers": ["Segment10", ...], "coefficients": [[0, 1e-5, ...], ...]}`.
 */
export interface Crosstalk {
  /** EXTNAMEs, in the order of the coefficients. */
  readonly amplifiers: readonly string[];
  /** [victim][aggressor]: electrons that the victim reads for each that the aggressor does; 0 on the diagonal. */
  readonly coefficients: readonly (readonly number[])[];
}

/** Above it a coefficient is a mistake; those of real cameras are below 0.001. */
const LARGEST = 0.1;

/** Reads crosstalk.json. @throws ImageRefused with what is wrong */
export function parseCrosstalk(bytes: Uint8Array): Crosstalk {
  const { amplifiers, coefficients } = parseObject(bytes);
  if (!Array.isArray(amplifiers) || amplifiers.some((name) => typeof name !== 'string')) {
    refuse('amplifiers must be a list of names');
  }
  if (new Set(amplifiers).size !== amplifiers.length) refuse('an amplifier is named twice');
  const size = amplifiers.length;
  if (!Array.isArray(coefficients) || coefficients.length !== size) {
    refuse(`coefficients must have a row for each of the ${size} amplifiers`);
  }
  coefficients.forEach((row: unknown, victim) => {
    if (!Array.isArray(row) || row.length !== size) refuse(`row ${victim} must have ${size} coefficients`);
    row.forEach((value: unknown, aggressor) => {
      if (typeof value !== 'number' || !(Math.abs(value) <= LARGEST))
        refuse(`coefficient [${victim}][${aggressor}] must be a number of at most ${LARGEST}, not ${value}`);
      if (victim === aggressor && value !== 0) refuse(`coefficient [${victim}][${victim}] must be 0`);
    });
  });
  return { amplifiers, coefficients };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    refuse(`no JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('it must be an object');
  return { ...value };
}

function refuse(reason: string): never {
  throw new ImageRefused(`the crosstalk matrix: ${reason}`);
}

/**
 * Subtracts from every amplifier what the others leak into it, pixels that are read at the same moment from each other.
 *
 * @param image of the detector in the workspace, electrons, not yet divided by the flat
 */
export function subtractCrosstalk(
  workspace: Workspace,
  image: Float32Array,
  width: number,
  amplifiers: readonly Amplifier[],
  { amplifiers: names, coefficients }: Crosstalk,
): void {
  const count = amplifiers.length;
  const at = amplifiers.map(({ name }) => names.indexOf(name));
  const unknown = at.indexOf(-1);
  if (unknown >= 0) refuse(`it does not know amplifier ${amplifiers[unknown].name}`);
  const { x0, x1, y0, y1 } = amplifiers[0].detector;
  const [columns, rows] = [x1 - x0, y1 - y0];
  if (amplifiers.some(({ detector: d }) => d.x1 - d.x0 !== columns || d.y1 - d.y0 !== rows))
    refuse('the amplifiers differ in size');
  if (4 * (count + 1) * (columns + 15) > SCRATCH_BYTES)
    refuse(`${count} amplifiers of ${columns} columns are too many`);
  const places = workspace.integers(3 * count);
  const matrix = workspace.floats(count * count);
  amplifiers.forEach((amplifier, victim) => {
    const { first, stepX, stepY } = placementInReadOut(amplifier, width);
    places.set([first, stepX, stepY], 3 * victim);
    for (let other = 0; other < count; other++)
      matrix[victim * count + other] = coefficients[at[victim]][at[other]];
  });
  const args = [image.byteOffset, places.byteOffset, count, columns, matrix.byteOffset];
  workspace.strips('crosstalkRows', rows, args);
  workspace.release(places, matrix);
}
