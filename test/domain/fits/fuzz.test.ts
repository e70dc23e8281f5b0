import { expect, it } from 'vitest';
import { fuzzFits } from './fuzz.ts';

it('reads 300 damaged files or says what is wrong, within its time and memory (npm run accept -- fits: 10,000)', () => {
  const outcomes = fuzzFits(300, 20250609);
  expect(outcomes.flatMap(({ complaint }) => complaint ?? [])).toEqual([]);
  // the damage goes past the header, and is noticed
  const read = outcomes.filter(({ outcome }) => outcome.startsWith('read')).length;
  expect(read).toBeGreaterThan(20);
  expect(new Set(outcomes.map(({ outcome }) => outcome)).size).toBeGreaterThan(25);
});
