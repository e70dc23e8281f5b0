import { describe, expect, it } from 'vitest';
import { deservesForcedPhotometry } from '#shared/domain/association/forced.ts';
import { someObject, someSource } from '../../support/alert-rows.ts';

const steady = { reliability: 0.5, trailLength: 1.4, isDipole: false, glint_trail: false };
const deserves = (given: Parameters<typeof someSource>[0], nDiaSources = 2) =>
  deservesForcedPhotometry(someObject({ nDiaSources }), [
    someSource(steady),
    someSource({ ...steady, ...given }),
  ]);

describe('deservesForcedPhotometry', () => {
  it('takes two steady sources', () => {
    expect(deserves({})).toBe(true);
    expect(deservesForcedPhotometry(someObject({ nDiaSources: 2 }), [someSource(steady)])).toBe(false);
    expect(deserves({}, 1)).toBe(false);
  });

  it.each([
    ['a source that no model judged counts', { reliability: null }, true],
    ['an unlikely one does not', { reliability: 0.49 }, false],
    ['nor a trail', { trailLength: 1.5 }, false],
    ['nor one whose trail nobody measured', { trailLength: null }, false],
    ['nor a dipole', { isDipole: true }, false],
    ['nor one where no dipole was tried', { isDipole: null }, false],
    ['nor a glint', { glint_trail: true }, false],
    ['nor one where nobody looked for glints', { glint_trail: null }, false],
  ])('%s', (_, given, expected) => expect(deserves(given)).toBe(expected));
});
