import { expect, test } from 'vitest';
import { checkNight, type Evidence } from '#shared/domain/ledger/check.ts';
import type { Claim, ClaimState } from '#shared/domain/visit/claim.ts';

const [first, second] = ['SimCam/a/0', 'SimCam/b/0'] as const;
const claim = (slot: string, state: ClaimState): Claim => ({
  visit: 2026030500001n,
  detector: 0,
  slot,
  attempt: 1,
  owner: 'test',
  state,
  changedMs: 0,
});
const whole: Evidence = {
  wanted: [first, second],
  arrived: new Set([first, second]),
  claims: [claim(first, 'done'), claim(second, 'done')],
  unfinished: new Set(),
  written: [169760235333878021n, 169760235333878022n],
  published: [169760235333878021n, 169760235333878022n],
  archived: [169760235333878021n, 169760235333878022n],
  deadLetters: [],
};

test('a whole night has no difference', () => {
  expect(checkNight(whole)).toEqual({
    counts: {
      visits: 2,
      detectorVisits: 2,
      arrived: 2,
      processed: 2,
      gated: 2,
      alerts: 2,
      archived: 2,
      lost: 0,
      duplicated: 0,
      deadLettered: 0,
    },
    differences: [],
  });
});

test.each<[string, Partial<Evidence>, object, RegExp]>([
  [
    'an alert that was never published',
    { published: [169760235333878021n], archived: [169760235333878021n] },
    { lost: 1 },
    /022: in the APDB/,
  ],
  [
    'an alert that is not archived',
    { archived: [169760235333878021n] },
    { lost: 1 },
    /022: on the public topic, not in the archive/,
  ],
  [
    'an alert that stands twice on the topic',
    { published: [...whole.published, 169760235333878021n] },
    { duplicated: 1, lost: 0 },
    /021: 2 times/,
  ],
  [
    'an alert that nobody wrote',
    { written: [169760235333878021n] },
    { lost: 0 },
    /022: on the public topic, not in the APDB/,
  ],
  [
    'a detector left in the middle',
    { claims: [claim(first, 'done'), claim(second, 'measured')] },
    { lost: 1, processed: 1 },
    /SimCam\/b\/0: its raw arrived, but it is measured/,
  ],
  ['a raw that nobody claimed', { claims: [claim(first, 'done')] }, { lost: 1 }, /unclaimed/],
  [
    'a dead letter',
    { claims: [claim(first, 'done')], deadLetters: [{ item: second, cause: 'no template' }] },
    { lost: 0, deadLettered: 1 },
    /dead, no template/,
  ],
])('%s is counted and named', (_, change, counts, sentence) => {
  const { counts: found, differences } = checkNight({ ...whole, ...change });
  expect(found).toMatchObject(counts);
  expect(differences.join('\n')).toMatch(sentence);
});

test('work that is still in hand is neither lost nor a difference', () => {
  const { counts, differences } = checkNight({
    ...whole,
    claims: [claim(first, 'done')],
    unfinished: new Set([second]),
  });
  expect(counts.lost).toBe(0);
  expect(differences).toEqual([]);
});
