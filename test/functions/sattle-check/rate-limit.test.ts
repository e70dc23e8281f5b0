import { expect, it } from 'vitest';
import { tokenBucket } from '../../../functions/sattle-check/rate-limit.ts';

it('lets a burst through, then so many a second, and says when to come again', () => {
  const take = tokenBucket({ burst: 5, perSecond: 2 });
  const at = (nowMs: number, times: number) => Array.from({ length: times }, () => take(nowMs));
  expect(at(1000, 6)).toEqual([0, 0, 0, 0, 0, 0.5]);
  expect(at(1400, 2)).toEqual([expect.closeTo(0.1), expect.closeTo(0.1)]);
  expect(at(1500, 2)).toEqual([0, 0.5]);
  // Rest fills it, but not beyond the burst.
  expect(at(60_000, 6)).toEqual([0, 0, 0, 0, 0, 0.5]);
});
