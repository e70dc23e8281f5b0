import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '#shared/domain/association/assignment.ts';

const never = Number.POSITIVE_INFINITY;

/** The least total by trying everything. */
function leastTotal(cost: number[][], row = 0, taken: number[] = []): number {
  if (row === cost.length) return 0;
  const totals = cost[row].map((value, column) =>
    taken.includes(column) ? never : value + leastTotal(cost, row + 1, [...taken, column]),
  );
  return Math.min(...totals);
}

const total = (cost: number[][], columns: number[]) =>
  columns.reduce((sum, column, row) => sum + cost[row][column], 0);

describe('assign', () => {
  it('finds the least total that trying everything finds, with columns of their own and holes', () => {
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 }))
      .chain(([rows, shared]) =>
        fc.array(
          fc.array(fc.option(fc.integer({ min: -20, max: 20 }), { nil: never }), {
            minLength: shared,
            maxLength: shared,
          }),
          {
            minLength: rows,
            maxLength: rows,
          },
        ),
      );
    fc.assert(
      fc.property(matrix, (shared) => {
        const cost = shared.map((row, index) => [
          ...row,
          ...shared.map((_, own) => (own === index ? 21 : never)),
        ]);
        const columns = assign(cost);
        expect(new Set(columns).size).toBe(cost.length);
        expect(total(cost, columns)).toBe(leastTotal(cost));
      }),
      { numRuns: 200 },
    );
  });

  it('takes the first column of equals', () => {
    expect(assign([[1, 1, 1]])).toEqual([0]);
  });

  it('says when a row can have no column', () => {
    expect(() => assign([[1], [1]])).toThrow('Row 1 of a cost matrix of 2 rows');
    expect(() => assign([[never]])).toThrow('Row 0');
  });

  it('solves a crowd of 300 within a second', () => {
    const cost = Array.from({ length: 300 }, (_, row) =>
      Array.from({ length: 600 }, (_, column) => (row * 7919 + column * 104729) % 1009),
    );
    const began = performance.now();
    const columns = assign(cost);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(new Set(columns).size).toBe(300);
  });
});
