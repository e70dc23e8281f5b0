/** A disc on the sky. */
export interface Disc {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly radiusDeg: number;
}

/** A box between two circles of declination and two of right ascension, about square. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly raDeg: readonly [low: number, high: number];
  readonly decDeg: readonly [low: number, high: number];
  readonly areaArcmin2: number;
}

const RADIAN = Math.PI / 180;

/**
 * The cells of about `sizeDeg` that may touch a disc. The grid belongs to the sky: what a cell's number seeds
 * is the same from whichever image it is looked at. Not for discs that hold a pole.
 */
export function cellsInDisc(disc: Disc, sizeDeg: number): Cell[] {
  const rows = Math.round(180 / sizeDeg);
  const height = 180 / rows;
  const cells: Cell[] = [];
  const firstRow = Math.max(0, Math.floor((disc.decDeg - disc.radiusDeg + 90) / height));
  const lastRow = Math.min(rows - 1, Math.floor((disc.decDeg + disc.radiusDeg + 90) / height));
  for (let row = firstRow; row <= lastRow; row++) {
    const low = row * height - 90;
    const columns = Math.max(1, Math.round((360 * Math.cos((low + height / 2) * RADIAN)) / height));
    const width = 360 / columns;
    const reach = disc.radiusDeg / Math.cos((Math.abs(disc.decDeg) + disc.radiusDeg) * RADIAN);
    const first = Math.floor((disc.raDeg - reach) / width);
    const last = Math.min(Math.floor((disc.raDeg + reach) / width), first + columns - 1);
    for (let wanted = first; wanted <= last; wanted++) {
      cells.push(cellAt(row, (wanted + columns) % columns, low, height, width));
    }
  }
  return cells;
}

function cellAt(row: number, column: number, low: number, height: number, width: number): Cell {
  const sineStep = Math.sin((low + height) * RADIAN) - Math.sin(low * RADIAN);
  return {
    row,
    column,
    raDeg: [column * width, (column + 1) * width],
    decDeg: [low, low + height],
    areaArcmin2: ((width * sineStep) / RADIAN) * 3600,
  };
}

/** A position some arcseconds east and north of another. */
export function offsetBy(raDeg: number, decDeg: number, eastArcsec: number, northArcsec: number) {
  const dec = decDeg + northArcsec / 3600;
  const ra = raDeg + eastArcsec / 3600 / Math.cos(decDeg * RADIAN);
  return { raDeg: ((ra % 360) + 360) % 360, decDeg: dec };
}
