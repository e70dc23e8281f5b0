import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arcBetween } from '#shared/domain/satellites/arc.ts';
import { boxesOnTracks } from '#shared/domain/satellites/corridor.ts';
import {
  ARCSEC_A_RADIAN,
  angleArcsec,
  cross,
  dot,
  normalize,
  toRaDec,
  toVector,
  type Vector,
} from '#shared/domain/sky/vector.ts';

const corridorArcsec = 50;

/** A square of 2 x `half` arcseconds around a place. */
function square(raDeg: number, decDeg: number, half: number): number[] {
  const [dec, ra] = [half / 3600, half / 3600 / Math.cos((decDeg * Math.PI) / 180)];
  return [
    [-ra, -dec],
    [ra, -dec],
    [ra, dec],
    [-ra, dec],
  ].flatMap(([east, north]) => [raDeg + east, decDeg + north]);
}

const north = (arcsec: number) => arcsec / 3600;

describe.each([
  ['at the equator', 150, 0],
  ['at dec -80', 150, -80],
  ['at RA 0', 0, -30],
])('the corridor %s', (_, raDeg, decDeg) => {
  const arc = arcBetween(toVector(raDeg - 0.002, decDeg), toVector(raDeg + 0.002, decDeg));
  const path = [{ arc, halfWidth: corridorArcsec / ARCSEC_A_RADIAN }];
  const boresight = { raDeg, decDeg };
  const blocked = (...boxes: number[][]) => boxesOnTracks(Float64Array.from(boxes.flat()), path, boresight);

  it('takes every box that reaches into it, whatever their order', () => {
    expect(
      blocked(
        square(raDeg, decDeg, 2),
        square(raDeg, decDeg + north(corridorArcsec + 1.9), 2),
        square(raDeg, decDeg + north(corridorArcsec + 2.1), 2),
        square(raDeg, decDeg - north(corridorArcsec + 99), 100),
        square(raDeg, decDeg - north(corridorArcsec + 101), 100),
      ),
    ).toEqual([true, true, false, true, false]);
  });

  it('is as wide in RA as in Dec', () => {
    const east = (arcsec: number) => raDeg + 0.002 + arcsec / 3600 / Math.cos((decDeg * Math.PI) / 180);
    const inside = square(east(corridorArcsec + 1.9), decDeg, 2);
    const outside = square(east(corridorArcsec + 2.1), decDeg, 2);
    expect(blocked(inside, outside)).toEqual([true, false]);
  });

  it('refuses a box outside the field, where no path was looked for', () => {
    expect(() => blocked(square(raDeg, decDeg + 2.3, 2))).toThrow(/Source 0 reaches 2\.30 degrees/);
    expect(() => blocked(square(raDeg, decDeg, 2), square(raDeg + 180, -decDeg, 2))).toThrow(/Source 1/);
    expect(() => blocked([Number.NaN, 0, 0, 0, 0, 0, 0, 0])).toThrow(/Source 0/);
  });
});

it('lets everything pass where there is no path, and answers nothing for nothing', () => {
  const boresight = { raDeg: 10, decDeg: 10 };
  expect(boxesOnTracks(Float64Array.from(square(10, 10, 2)), [], boresight)).toEqual([false]);
  expect(boxesOnTracks(new Float64Array(0), [], boresight)).toEqual([]);
});

const arcAt = (...[ra1, dec1, ra2, dec2]: number[]) => arcBetween(toVector(ra1, dec1), toVector(ra2, dec2));
const piece = (halfWidthArcsec: number, ...ends: number[]) => ({
  arc: arcAt(...ends),
  halfWidth: halfWidthArcsec / ARCSEC_A_RADIAN,
});
const isBlocked = (box: number[], pieces: ReturnType<typeof piece>[], raDeg: number, decDeg: number) =>
  boxesOnTracks(Float64Array.from(box), pieces, { raDeg, decDeg })[0];

describe('a box and a path', () => {
  // Sattle's own test: the same box as track and as source, and one that is elsewhere.
  it('that lie on each other are blocked, and others not', () => {
    const box = [180, -23.1, 180.1, -23.1, 180.1, -23, 180, -23];
    const inside = piece(36, 180.04, -23.06, 180.06, -23.04);
    expect(isBlocked(box, [inside], 180, -23)).toBe(true);
    expect(isBlocked(box, [piece(36, 180.04, -23.06, 180.04, -23.06)], 180, -23)).toBe(true);
    expect(isBlocked(box, [piece(36, 181, -23.06, 181.1, -23.04)], 180, -23)).toBe(false);
    expect(isBlocked(box, [piece(36, 181, -23.06, 181.1, -23.04), inside], 180, -23)).toBe(true);
  });

  it.each([
    ['with both ends outside the field', piece(40, 140, 0, 160, 0), 39.9, 40.1],
    ['with one end inside', piece(40, 150, 0, 160, 0), 39.9, 40.1],
    ['that is a point', piece(40, 150, 0, 150, 0), 39.9, 40.1],
    ['along a meridian', piece(180, 150, -10, 150, 0), 179.9, 180.1],
  ])('meet at the half-width of a path %s', (_, path, within, beyond) => {
    const northBy = (arcsec: number) => Array.from({ length: 4 }, () => [150, north(arcsec)]).flat();
    expect(isBlocked(northBy(within), [path], 150, 0)).toBe(true);
    expect(isBlocked(northBy(beyond), [path], 150, 0)).toBe(false);
  });

  it.each([
    ['RA 0, written on both of its sides', 0, 0],
    ['the north pole', 77, 90],
    ['the south pole', 200, -90],
    ['a place beside the pole', 13, 89.9],
  ])('are judged alike about %s', (_, raDeg, decDeg) => {
    // A path through the boresight, and boxes about a place 100" beside it.
    const axis = toVector(raDeg, decDeg);
    const side = normalize(cross(axis, [0.3, -0.5, 0.81]));
    const at = (along: number, across: number): Vector =>
      normalize(
        [0, 1, 2].map(
          (k) => axis[k] + (along * cross(axis, side)[k] + across * side[k]) / ARCSEC_A_RADIAN,
        ) as [number, number, number],
      );
    const path = { arc: arcBetween(at(-9000, 0), at(9000, 0)), halfWidth: 60 / ARCSEC_A_RADIAN };
    const boxAbout = (across: number, turn: number) =>
      [
        [-5, -5],
        [5, -5],
        [5, 5],
        [-5, 5],
      ].flatMap(([x, y], index) => {
        const { raDeg, decDeg } = toRaDec(at(x, across + y));
        return [raDeg + (index % 2 === turn ? 360 : 0), decDeg];
      });
    const answers = [0, 54.9, -54.9, 64.9, -64.9, 65.1, -65.1].map((across) =>
      [0, 1, 2].map((turn) =>
        boxesOnTracks(Float64Array.from(boxAbout(across, turn)), [path], { raDeg, decDeg }),
      ),
    );
    expect(answers.map((each) => each.flat())).toEqual(
      [true, true, true, true, true, false, false].map((answer) => [answer, answer, answer]),
    );
  });

  it('are judged alike whatever the order of the corners, and for boxes that are lines and points', () => {
    const path = piece(36, 150, 1, 151, 1);
    const corners = [
      [150.5, 1.012],
      [150.502, 1.012],
      [150.502, 1.009],
      [150.5, 1.009],
    ];
    const orders = [0, 1, 2, 3].flatMap((a) =>
      [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c, 6 - a - b - c])),
    );
    const permutations = orders.filter(
      (order) => new Set(order).size === 4 && order.every((k) => k >= 0 && k < 4),
    );
    expect(permutations).toHaveLength(24);
    for (const order of permutations)
      expect(
        isBlocked(
          order.flatMap((k) => corners[k]),
          [path],
          150,
          1,
        ),
      ).toBe(true);
    const line = (dec: number) => [150.4, dec, 150.6, dec, 150.5, dec, 150.4, dec];
    expect(isBlocked(line(1.0099), [path], 150, 1)).toBe(true);
    expect(isBlocked(line(1.0102), [path], 150, 1)).toBe(false);
  });

  it('of its own width counts for each path', () => {
    const [narrow, wide] = [piece(36, 150, 0, 151, 0), piece(180, 150, 0.1, 151, 0.1)];
    const point = (dec: number) => Array.from({ length: 4 }, () => [150.5, dec]).flat();
    const answers = [0.0099, 0.0101, 0.0499, 0.0501].map((dec) =>
      isBlocked(point(dec), [narrow, wide], 150, 0),
    );
    expect(answers).toEqual([true, false, false, true]);
  });
});

describe('the answer for many boxes', () => {
  it.each([
    ['around the pole', 89.9],
    ['beside the pole', 89.7],
    ['at the equator', 0.1],
    ['at dec -88.3', -88.3],
  ])('is that of each by itself %s, where RA runs fast', (_, decDeg) => {
    const turns = Array.from({ length: 24 }, (_, k) => 15 * k);
    const at = placer([40, 2 * decDeg], 1);
    const boxes = turns.map((turn) => {
      const [x, y] = [1500 * Math.cos((turn * Math.PI) / 180), 1500 * Math.sin((turn * Math.PI) / 180)];
      return [toRaDec(at(x, y)), toRaDec(at(x + 4, y + 4))].flatMap(({ raDeg, decDeg }) => [raDeg, decDeg]);
    });
    const numbers = boxes.map((box) => [...box, ...box]);
    const boresight = toRaDec(at(0, 0));
    for (const [index, turn] of turns.entries()) {
      const angle = (turn * Math.PI) / 180;
      const ends = [1540, 1600].map((radius) => at(radius * Math.cos(angle), radius * Math.sin(angle)));
      const path = { arc: arcBetween(ends[0], ends[1]), halfWidth: 50 / ARCSEC_A_RADIAN };
      const expected = turns.map((_, other) => other === index);
      expect(boxesOnTracks(Float64Array.from(numbers.flat()), [path], boresight)).toEqual(expected);
    }
  });

  const angle = fc.double({ min: -180, max: 180, noNaN: true });
  const offset = fc.double({ min: -700, max: 700, noNaN: true });
  const size = fc.double({ min: 0, max: 30, noNaN: true });
  const scene = fc.record({
    pole: fc.tuple(angle, angle),
    spin: angle,
    boxes: fc.array(fc.tuple(offset, offset, size, size), { minLength: 1, maxLength: 6 }),
    paths: fc.array(fc.tuple(offset, offset, offset, offset, fc.double({ min: 36, max: 180 })), {
      maxLength: 4,
    }),
  });
  /** A place by arcseconds from the boresight, which itself may be anywhere. */
  const placer = (pole: readonly [number, number], spin: number) => {
    const axis = toVector(pole[0], pole[1] / 2);
    const east = normalize(cross([Math.sin(spin), Math.cos(spin), 0.5], axis));
    const up = cross(axis, east);
    return (x: number, y: number): Vector =>
      normalize(
        [0, 1, 2].map((k) => axis[k] + (x * east[k] + y * up[k]) / ARCSEC_A_RADIAN) as [
          number,
          number,
          number,
        ],
      );
  };
  const judge = (
    {
      boxes,
      paths,
    }: { boxes: [number, number, number, number][]; paths: [number, number, number, number, number][] },
    at: (x: number, y: number) => Vector,
  ) => {
    const corners = boxes.map(([x, y, width, height]) =>
      [
        [x, y],
        [x + width, y],
        [x + width, y + height],
        [x, y + height],
      ].map(([a, b]) => at(a, b)),
    );
    const pieces = paths.map(([a, b, c, d, wide]) => ({
      arc: arcBetween(at(a, b), at(c, d)),
      halfWidth: wide / ARCSEC_A_RADIAN,
    }));
    const numbers = corners.flat().flatMap((v) => [toRaDec(v).raDeg, toRaDec(v).decDeg]);
    const blocked = boxesOnTracks(Float64Array.from(numbers), pieces, toRaDec(at(0, 0)));
    // Too near to the edge for the rounding of degrees to leave alone.
    const isSharp = corners.map((box) =>
      pieces.every(
        ({ arc, halfWidth }) => Math.abs(sampledDistance(box, arc) - halfWidth * ARCSEC_A_RADIAN) > 0.5,
      ),
    );
    return { blocked, isSharp, corners, pieces };
  };
  /** Arcseconds between a path and a box by trying places of both: never too small, and at most 2.2" too great. */
  const sampledDistance = (box: readonly Vector[], arc: ReturnType<typeof arcBetween>): number => {
    const part = (a: Vector, b: Vector, t: number): Vector =>
      normalize([0, 1, 2].map((k) => a[k] + t * (b[k] - a[k])) as [number, number, number]);
    let least = Number.POSITIVE_INFINITY;
    for (let u = 0; u <= 1; u += 0.1)
      for (let v = 0; v <= 1; v += 0.1) {
        const place = part(part(box[0], box[1], u), part(box[3], box[2], u), v);
        const along =
          dot(cross(arc.from, arc.to), cross(arc.from, place)) /
          dot(cross(arc.from, arc.to), cross(arc.from, arc.to));
        const nearest = part(arc.from, arc.to, Math.max(0, Math.min(1, along || 0)));
        least = Math.min(least, angleArcsec(place, nearest));
      }
    return least;
  };

  it('is the same wherever on the sphere the field lies and however it is turned', () => {
    const plain = placer([30, 20], 0);
    fc.assert(
      fc.property(scene, (each) => {
        const [here, there] = [judge(each, plain), judge(each, placer(each.pole, each.spin))];
        for (const [index, blocked] of there.blocked.entries())
          if (here.isSharp[index]) expect(blocked).toBe(here.blocked[index]);
      }),
      { numRuns: 200 },
    );
  });

  it('is that of each box by itself, and of places tried one by one', () => {
    fc.assert(
      fc.property(scene, (each) => {
        const at = placer(each.pole, each.spin);
        const { blocked, isSharp, corners, pieces } = judge(each, at);
        for (const [index, box] of each.boxes.entries()) {
          expect(judge({ ...each, boxes: [box] }, at).blocked).toEqual([blocked[index]]);
          if (!isSharp[index]) continue;
          const least = pieces.some(
            ({ arc, halfWidth }) => sampledDistance(corners[index], arc) <= halfWidth * ARCSEC_A_RADIAN + 3,
          );
          if (!least) expect(blocked[index]).toBe(false);
          const surely = pieces.some(
            ({ arc, halfWidth }) => sampledDistance(corners[index], arc) <= halfWidth * ARCSEC_A_RADIAN,
          );
          if (surely) expect(blocked[index]).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
