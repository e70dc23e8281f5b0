import type { Header } from '#shared/domain/fits/header.ts';
import type { OpenHdu } from '#shared/domain/fits/open.ts';

/** How one amplifier's pixels lie in its HDU and on the detector. */
export interface RawPlan {
  readonly name: string;
  readonly prescan: number;
  readonly columns: number;
  readonly rows: number;
  /** Columns behind the data and rows above it. */
  readonly overscan: readonly [number, number];
  /** Detector pixel (0-based) of the first data pixel that is read, and the steps from there. */
  readonly first: readonly [number, number];
  readonly step: readonly [1 | -1, 1 | -1];
  /** Whether the file's columns and rows run against the read-out, which DATASEC then tells by counting down. */
  readonly reversed?: readonly [boolean, boolean];
  readonly cards?: Header;
}

/**
 * An amplifier's HDU whose pixel is `value` of its place in the read-out: of a data pixel also its detector pixel. Its
 * header is that of a real raw, without BIASSEC.
 */
export function amplifierHdu(
  plan: RawPlan,
  value: (place: { column: number; row: number; lit: boolean; x: number; y: number }) => number,
): OpenHdu {
  const { prescan, columns, rows, overscan, first, step, reversed = [false, false] } = plan;
  const [width, height] = [prescan + columns + overscan[0], rows + overscan[1]];
  const data = (start: number, length: number, size: number, down: boolean): string =>
    down ? `${size - start}:${size - start - length + 1}` : `${start + 1}:${start + length}`;
  const detector = (start: number, length: number, sign: number): string =>
    `${start + 1}:${start + sign * (length - 1) + 1}`;
  const header: Header = [
    { keyword: 'EXTNAME', value: plan.name },
    {
      keyword: 'DATASEC',
      value: `[${data(prescan, columns, width, reversed[0])},${data(0, rows, height, reversed[1])}]`,
    },
    {
      keyword: 'DETSEC',
      value: `[${detector(first[0], columns, step[0])},${detector(first[1], rows, step[1])}]`,
    },
    ...(plan.cards ?? []),
  ];
  return {
    header,
    image: {
      width,
      height,
      type: 'float32',
      read(y0, y1, out, at = 0) {
        for (let y = y0; y < y1; y++) {
          const row = reversed[1] ? height - 1 - y : y;
          for (let x = 0; x < width; x++) {
            const column = (reversed[0] ? width - 1 - x : x) - prescan;
            const lit = column >= 0 && column < columns && row < rows;
            const [detectorX, detectorY] = [first[0] + step[0] * column, first[1] + step[1] * row];
            out[at++] = value({ column, row, lit, x: detectorX, y: detectorY });
          }
        }
      },
    },
  };
}

/** Two rows of amplifiers that cover a detector, read towards its outer edges as those of LSSTCam are. */
export function detectorPlans(
  sensor: Pick<RawPlan, 'prescan' | 'columns' | 'rows' | 'overscan'>,
  across: number,
  upperReversed: boolean,
): RawPlan[] {
  return Array.from({ length: 2 * across }, (_, k): RawPlan => {
    const upper = k >= across;
    const left = (k % across) * sensor.columns;
    const stepX = upper && !upperReversed ? 1 : -1;
    return {
      ...sensor,
      name: `Segment${upper ? 0 : 1}${k % across}`,
      first: [stepX > 0 ? left : left + sensor.columns - 1, upper ? 2 * sensor.rows - 1 : 0],
      step: [stepX, upper ? -1 : 1],
    };
  });
}
