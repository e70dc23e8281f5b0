/** A straight line through an image: x cos(angle) + y sin(angle) = offset, pixels. */
export interface StraightLine {
  readonly angleRad: number;
  readonly offset: number;
}

/** The score, which is smooth over 5 px, is averaged over cells of this side, on every fourth row. */
const CELL = 8;
const ROW_STEP = 4;
/** Cells above it vote: noise does in one of fifty, a track whose own score is 3 in half of its cells. */
const VOTE = 1.5;
/** Votes that make a line worth a look, and by how many standard deviations they must exceed the other cells' share. */
const LEAST_VOTES = 10;
const LEAST_EXCESS = 7;
/** More cells than this part of all are no tracks, but a difference that went wrong. */
const MOST_VOTERS = 0.1;

/** Cells that are brighter than noise, their places counted from the middle of the image in cells. */
export interface Voters {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of the middle, from which lines are measured until they are handed out. */
  readonly middleX: number;
  readonly middleY: number;
  xs: Int16Array;
  ys: Int16Array;
}

/** Cells of the positive score that vote; pixels with a `spoilt` bit are left out of them. */
export function gatherVoters(
  score: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  spoilt: number,
): Voters {
  const columns = Math.floor(width / CELL);
  const rows = Math.floor(height / CELL);
  const sums = new Float64Array(columns);
  const counts = new Uint8Array(columns);
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    counts.fill(0);
    for (let y = row * CELL; y < (row + 1) * CELL; y += ROW_STEP) {
      for (let column = 0, at = y * width; column < columns; column++) {
        let sum = 0;
        let count = 0;
        for (let i = 0; i < CELL; i++, at++) {
          if ((mask[at] & spoilt) !== 0) continue;
          sum += score[at];
          count++;
        }
        sums[column] += sum;
        counts[column] += count;
      }
    }
    const enough = (CELL * CELL) / ROW_STEP / 2;
    for (let column = 0; column < columns; column++) {
      if (counts[column] < enough || sums[column] <= VOTE * counts[column]) continue;
      xs.push(column - (columns >> 1));
      ys.push(row - (rows >> 1));
    }
  }
  const middle = (cells: number): number => (cells >> 1) * CELL + (CELL - 1) / 2;
  return {
    columns,
    rows,
    middleX: middle(columns),
    middleY: middle(rows),
    xs: Int16Array.from(xs),
    ys: Int16Array.from(ys),
  };
}

/** Votes of all lines, by angle and offset (Hough 1962, Duda and Hart 1972). */
export interface Ballot {
  readonly angles: number;
  readonly offsets: number;
  readonly votes: Uint16Array;
}

export function countVotes({ columns, rows, xs, ys }: Voters): Ballot {
  const reach = Math.ceil(Math.hypot(columns, rows) / 2) + 1;
  const offsets = 2 * reach + 1;
  // At the end of the longest line the next angle is one cell off.
  const angles = Math.max(90, Math.ceil(Math.PI * reach));
  const ballot = { angles, offsets, votes: new Uint16Array(angles * offsets) };
  if (xs.length <= MOST_VOTERS * columns * rows) addVotes(ballot, xs, ys, 1);
  return ballot;
}

function addVotes({ angles, offsets, votes }: Ballot, xs: Int16Array, ys: Int16Array, by: number): void {
  const middle = (offsets - 1) / 2 + 0.5;
  for (let a = 0; a < angles; a++) {
    const cos = Math.cos((a * Math.PI) / angles);
    const sin = Math.sin((a * Math.PI) / angles);
    const base = a * offsets + middle;
    for (let k = 0; k < xs.length; k++) votes[(xs[k] * cos + ys[k] * sin + base) | 0] += by;
  }
}

/** The line with the most votes above what its length would have by chance, drawn through its voters. */
export function strongestLine(voters: Voters, { angles, offsets, votes }: Ballot): StraightLine | undefined {
  const { columns, rows, xs } = voters;
  const share = xs.length / (columns * rows);
  const middle = (offsets - 1) / 2;
  let best: StraightLine | undefined;
  let most = LEAST_EXCESS;
  for (let a = 0; a < angles; a++) {
    const angleRad = (a * Math.PI) / angles;
    const cos = Math.abs(Math.cos(angleRad));
    const sin = Math.abs(Math.sin(angleRad));
    // Cells on a line: all of a side, but fewer where it cuts a corner.
    const longest = Math.min(columns / Math.max(sin, 1e-9), rows / Math.max(cos, 1e-9));
    const corner = (columns * cos + rows * sin) / 2;
    const slant = 1 / Math.max(sin * cos, 1e-9);
    for (let o = 0, at = a * offsets; o < offsets; o++, at++) {
      const count = votes[at];
      if (count < LEAST_VOTES || count < most) continue;
      const chord = Math.min(longest, (corner - Math.abs(o - middle)) * slant);
      const expected = share * Math.max(0, chord);
      if (count - expected <= most * Math.sqrt(expected + 1)) continue;
      most = (count - expected) / Math.sqrt(expected + 1);
      best = { angleRad, offset: o - middle };
    }
  }
  return best && inPixels(throughVoters(best, voters), voters);
}

/** Takes back the votes of all cells within `reach` pixels of a line. */
export function dismissVoters(line: StraightLine, reach: number, voters: Voters, ballot: Ballot): void {
  const { angleRad, offset } = inCells(line, voters);
  const near = reach / CELL + 1;
  const isNear = (k: number): boolean =>
    Math.abs(voters.xs[k] * Math.cos(angleRad) + voters.ys[k] * Math.sin(angleRad) - offset) <= near;
  const pick = (values: Int16Array, wanted: boolean): Int16Array =>
    values.filter((_, k) => isNear(k) === wanted);
  const [goneX, goneY] = [pick(voters.xs, true), pick(voters.ys, true)];
  const [xs, ys] = [pick(voters.xs, false), pick(voters.ys, false)];
  addVotes(ballot, goneX, goneY, -1);
  voters.xs = xs;
  voters.ys = ys;
}

/** Total least squares on the voters near the line, twice. */
function throughVoters(line: StraightLine, { xs, ys }: Voters): StraightLine {
  let { angleRad, offset } = line;
  for (const reach of [2, 1.2]) {
    const cos = Math.cos(angleRad);
    const sin = Math.sin(angleRad);
    let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
    for (let k = 0; k < xs.length; k++) {
      const [x, y] = [xs[k], ys[k]];
      if (Math.abs(x * cos + y * sin - offset) > reach) continue;
      n++;
      sx += x;
      sy += y;
      sxx += x * x;
      syy += y * y;
      sxy += x * y;
    }
    const cxx = sxx / n - (sx / n) ** 2;
    const cyy = syy / n - (sy / n) ** 2;
    const cxy = sxy / n - (sx / n) * (sy / n);
    angleRad = 0.5 * Math.atan2(2 * cxy, cxx - cyy) + Math.PI / 2;
    offset = (sx / n) * Math.cos(angleRad) + (sy / n) * Math.sin(angleRad);
  }
  return { angleRad, offset };
}

function inPixels({ angleRad, offset }: StraightLine, { middleX, middleY }: Voters): StraightLine {
  return { angleRad, offset: offset * CELL + middleX * Math.cos(angleRad) + middleY * Math.sin(angleRad) };
}

function inCells({ angleRad, offset }: StraightLine, { middleX, middleY }: Voters): StraightLine {
  return { angleRad, offset: (offset - middleX * Math.cos(angleRad) - middleY * Math.sin(angleRad)) / CELL };
}
