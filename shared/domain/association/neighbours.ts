import KDBush from 'kdbush';
import { toVector, type Vector } from '../sky/vector.ts';

export interface Neighbour {
  readonly index: number;
  /** Distance of the unit vectors: the angle in radians, for small angles. */
  readonly chord: number;
}

/**
 * Answers, for a direction, all positions within a chord, in the order in which the positions were given. Works
 * everywhere on the sky, at the poles and across right ascension 0 too.
 */
export function neighbours(
  positions: readonly { readonly ra: number; readonly dec: number }[],
  maxChord: number,
): (direction: Vector) => Neighbour[] {
  const vectors = positions.map(({ ra, dec }) => toVector(ra, dec));
  // The tree has two axes. Dropping the one that the field lies along keeps its positions apart in the two others.
  const sum = [0, 1, 2].map((axis) => Math.abs(vectors.reduce((total, vector) => total + vector[axis], 0)));
  const dropped = sum.indexOf(Math.max(...sum));
  const [first, second] = [0, 1, 2].filter((axis) => axis !== dropped);
  const tree = new KDBush(vectors.length);
  for (const vector of vectors) tree.add(vector[first], vector[second]);
  tree.finish();
  return (direction) =>
    tree
      .within(direction[first], direction[second], maxChord)
      .map((index) => ({ index, chord: chordOf(direction, vectors[index]) }))
      .filter(({ chord }) => chord <= maxChord)
      .sort((a, b) => a.index - b.index);
}

const chordOf = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
