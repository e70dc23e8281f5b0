/**
 * Assigns each row a column of its own at the least total cost: the Hungarian method with potentials, one shortest
 * augmenting path a row (Jonker & Volgenant 1987, Computing 38, 325), O(rows^2 x columns).
 * `cost[row][column]` is a number or Infinity (never together); some assignment must exist, as it does where each row
 * has a column that only it can take. Of equal totals the same one is chosen for the same order of rows and columns.
 * Answers the column of each row.
 */
export function assign(cost: readonly (readonly number[])[]): number[] {
  const columns = cost[0]?.length ?? 0;
  const rowPotential = new Array<number>(cost.length).fill(0);
  const columnPotential = new Array<number>(columns).fill(0);
  const rowOf = new Array<number>(columns).fill(-1);
  for (let row = 0; row < cost.length; row++) {
    const path = shortestPath(cost, row, rowOf, rowPotential, columnPotential);
    augment(path, row, rowOf, rowPotential, columnPotential);
  }
  const columnOf = new Array<number>(cost.length).fill(-1);
  for (const [column, row] of rowOf.entries()) if (row >= 0) columnOf[row] = column;
  return columnOf;
}

interface Path {
  /** Reduced cost of the way from the row to each column, as far as it was searched. */
  readonly distance: readonly number[];
  /** Column before each column on that way; -1: straight from the row. */
  readonly before: readonly number[];
  readonly visited: readonly boolean[];
  /** The free column at which the way ends. */
  readonly end: number;
}

function shortestPath(
  cost: readonly (readonly number[])[],
  start: number,
  rowOf: readonly number[],
  rowPotential: readonly number[],
  columnPotential: readonly number[],
): Path {
  const columns = rowOf.length;
  const distance = new Array<number>(columns).fill(Number.POSITIVE_INFINITY);
  const before = new Array<number>(columns).fill(-1);
  const visited = new Array<boolean>(columns).fill(false);
  let row = start;
  let reached = 0;
  let last = -1;
  for (;;) {
    let next = -1;
    for (let column = 0; column < columns; column++) {
      if (visited[column]) continue;
      const through = reached + cost[row][column] - rowPotential[row] - columnPotential[column];
      if (through < distance[column]) {
        distance[column] = through;
        before[column] = last;
      }
      if (next < 0 || distance[column] < distance[next]) next = column;
    }
    if (next < 0 || distance[next] === Number.POSITIVE_INFINITY) {
      throw new RangeError(
        `Row ${start} of a cost matrix of ${cost.length} rows can have no column of its own.`,
      );
    }
    if (rowOf[next] < 0) return { distance, before, visited, end: next };
    visited[next] = true;
    reached = distance[next];
    last = next;
    row = rowOf[next];
  }
}

/** Moves the rows along the path by one column each, and the potentials so that reduced costs stay above zero. */
function augment(
  { distance, before, visited, end }: Path,
  start: number,
  rowOf: number[],
  rowPotential: number[],
  columnPotential: number[],
): void {
  const length = distance[end];
  rowPotential[start] += length;
  for (const [column, seen] of visited.entries()) {
    if (!seen) continue;
    rowPotential[rowOf[column]] += length - distance[column];
    columnPotential[column] -= length - distance[column];
  }
  for (let column = end; column >= 0; ) {
    const previous = before[column];
    rowOf[column] = previous < 0 ? start : rowOf[previous];
    column = previous;
  }
}
