import type { Filter } from '../instruments.ts';

/** Filters from a table of band -> physical filters, written apart by spaces. */
export function filtersByBand(table: Readonly<Record<string, string>>): Filter[] {
  return Object.entries(table).flatMap(([band, names]) =>
    names.split(' ').map((physicalFilter) => ({ physicalFilter, band })),
  );
}
