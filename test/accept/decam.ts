import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import type { PairResult } from '#shared/domain/image/pair.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import {
  type DecamPair,
  decamPairs,
  differenceDecam,
  type Injection,
  injectInto,
  seenTwice,
} from '../support/decam-injections.ts';

const ROUNDS = 10;
const A_ROUND = 12;
/** Detected and judged reliable from this SNR on. */
const BRIGHT = 8;
const LEAST = { detected: 0.9, reliable: 0.8 };
const MOST_UNEXPLAINED = { before: 5, after: 1 };
/** A source within this of an injection is it, pixels. */
const MATCH = 3;

interface Counted {
  readonly injected: number;
  readonly detected: number;
  readonly reliable: number;
}

/**
 * Ten rounds of twelve injected point sources on each of the two real pairs, for each seed: what is found of them, and
 * what else is. A table row a pair, and what misses its bar.
 */
export async function acceptDecam(seeds: readonly number[]): Promise<string[]> {
  const pairs = decamPairs().map((pair) => ({ pair, plain: differenceDecam(createWorkspace(), pair) }));
  if (pairs.length < 2) return ['the real DECam frames are not beside the checkout'];
  console.log(
    '| pair, seed | SNR 5 to 6 | 6 to 8 | 8 to 12 | 12 to 30 | from 8: detected, reliable | unexplained, reliable |',
  );
  console.log('|---|---|---|---|---|---|---|');
  return pairs.flatMap(({ pair, plain }, k) => {
    const real = seenTwice(plain, pairs[1 - k].plain);
    return seeds.flatMap((seed) => acceptPair(pair, plain, real, seed));
  });
}

function acceptPair(
  pair: DecamPair,
  plain: PairResult,
  real: readonly SourceWithoutStamps[],
  seed: number,
): string[] {
  const workspace = createWorkspace();
  const found: { injection: Injection; source: SourceWithoutStamps | undefined }[] = [];
  const unexplained: SourceWithoutStamps[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { pair: filled, injections } = injectInto(pair, plain, A_ROUND, ROUNDS * seed + round);
    const { sources } = differenceDecam(workspace, filled);
    for (const injection of injections) {
      const source = sources.find((other) => !other.isNegative && isAt(other, injection, MATCH));
      found.push({ injection, source });
    }
    const known = [...injections, ...real, ...unexplained];
    unexplained.push(...sources.filter((source) => !known.some((other) => isAt(source, other, 2 * MATCH))));
  }
  const reliable = unexplained.filter(isReliable).length;
  const range = (from: number, to: number): Counted =>
    count(found.filter(({ injection: { snr } }) => snr >= from && snr < to));
  const bright = range(BRIGHT, Number.POSITIVE_INFINITY);
  const columns = [
    `${pair.name}, ${seed}`,
    ...[
      [5, 6],
      [6, 8],
      [8, 12],
      [12, 31],
    ].map(([from, to]) => text(range(from, to))),
    `${percent(bright.detected, bright)}, ${percent(bright.reliable, bright)}`,
    `${unexplained.length}, ${reliable}`,
  ];
  console.log(`| ${columns.join(' | ')} |`);
  return missedBars(bright, unexplained.length, reliable).map(
    (sentence) => `pair ${pair.name}, seed ${seed}: ${sentence}`,
  );
}

const isAt = (a: { x: number; y: number }, b: { x: number; y: number }, radius: number): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) < radius;

const isReliable = ({ reliability }: SourceWithoutStamps): boolean => (reliability ?? 0) >= 0.5;

const count = (found: readonly { source: SourceWithoutStamps | undefined }[]): Counted => ({
  injected: found.length,
  detected: found.filter(({ source }) => source !== undefined).length,
  reliable: found.filter(({ source }) => source !== undefined && isReliable(source)).length,
});

const text = ({ injected, detected, reliable }: Counted): string => `${detected}, ${reliable} of ${injected}`;

const percent = (part: number, { injected }: Counted): string => `${((100 * part) / injected).toFixed(1)} %`;

function missedBars({ injected, detected, reliable }: Counted, before: number, after: number): string[] {
  const bars: [boolean, string][] = [
    [
      detected / injected >= LEAST.detected,
      `only ${detected} of ${injected} from SNR ${BRIGHT} are detected`,
    ],
    [
      reliable / injected >= LEAST.reliable,
      `only ${reliable} of ${injected} from SNR ${BRIGHT} are reliable`,
    ],
    [before <= MOST_UNEXPLAINED.before, `${before} detections are unexplained`],
    [after <= MOST_UNEXPLAINED.after, `${after} unexplained detections are called reliable`],
  ];
  return bars.flatMap(([kept, sentence]) => (kept ? [] : [sentence]));
}
