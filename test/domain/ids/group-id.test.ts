import { expect, it } from 'vitest';
import { groupIdNumber } from '#shared/domain/ids/group-id.ts';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';

it.each([
  ['2025-11-22T03:25:16.951', 3437115169510000n],
  ['2025-04-16T07:03:14.565#1', 3247165945650001n],
  ['2022032100001', 2022032100001n],
  ['98765432109876543210', 98765432109876543210n],
])('%s is %s', (group, id) => {
  expect(groupIdNumber(group)).toBe(id);
});

it.each(['', 'block-3', '2025-11-22T03:25:16', '2025-11-22T03:25:16.951#', '2025-11-22T03:25:16.951#12345'])(
  'refuses "%s"',
  (group) => {
    expect(() => groupIdNumber(group)).toThrow(InvalidId);
  },
);
