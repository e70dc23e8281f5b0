import { fuzzFits } from '../domain/fits/fuzz.ts';

const CASES = 10_000;

/** 10,000 damaged FITS files: a count by outcome, and a sentence for each that ended in no FitsError or took too much. */
export async function acceptFits(seeds: readonly number[]): Promise<string[]> {
  const outcomes = seeds.flatMap((seed) => fuzzFits(Math.ceil(CASES / seeds.length), seed));
  const counts = new Map<string, number>();
  for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  console.log('| outcome | files |\n|---|---|');
  for (const [outcome, count] of [...counts].sort(([, a], [, b]) => b - a))
    console.log(`| ${outcome} | ${count} |`);
  const complaints = outcomes.flatMap(({ complaint }) => complaint ?? []);
  console.log(`| **all** | **${outcomes.length}**, ${complaints.length} of them not as they should |`);
  return complaints;
}
