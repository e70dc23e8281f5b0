import { describe, expect, test } from 'vitest';
import type { NextVisit } from '#shared/domain/visit/next-visit.ts';
import { planFanOut, type Situation } from '../../../functions/next-visit-fanout/core.ts';

const event: NextVisit = {
  ...{ salIndex: 1, scriptSalIndex: 200023, instrument: 'LSSTCam', groupId: '2025-04-16T07:03:14.565#1' },
  ...{ coordinateSystem: 2, position: [134.5454, -65.3261], startTime: 1674516800, rotationSystem: 2 },
  ...{ cameraAngle: 135, filters: 'g_6', dome: 2, duration: 35, nimages: 1, survey: 'BLOCK-407' },
  ...{ totalCheckpoints: 1, private_sndStamp: 1674516794.7661333 },
};
const efdStamp = 1674516757;
const situation: Situation = {
  nightMs: efdStamp * 1000,
  expirationSeconds: 3600,
  active: new Map([
    ['LSSTCam', [0, 4, 188]],
    ['SimCam', [0]],
  ]),
};

test('an event becomes one entry a detector, on the stream of its instrument', () => {
  const plan = planFanOut(event, efdStamp, situation);
  expect(plan).toMatchObject({
    kind: 'fan out',
    stream: 'instrument:lsstcam',
    group: 'lsstcam_consumer_group',
  });
  const entries = plan.kind === 'fan out' ? plan.entries : [];
  expect(entries.map(({ item }) => item)).toEqual(
    [0, 4, 188].map((detector) => `LSSTCam/2025-04-16T07%3A03%3A14.565%231/${detector}`),
  );
  expect(entries.map(({ fields }) => fields.detector)).toEqual(['0', '4', '188']);
  expect(Object.keys(entries[0].fields)).toHaveLength(17);
});

test('an instrument without active detectors gets none', () => {
  const active = new Map([['LSSTCam', []]]);
  expect(planFanOut(event, efdStamp, { ...situation, active })).toMatchObject({
    kind: 'fan out',
    entries: [],
  });
});

describe('age', () => {
  const plan = (seconds: number, stamp = efdStamp) =>
    planFanOut(event, stamp, { ...situation, nightMs: (efdStamp + seconds) * 1000 });
  test('up to MESSAGE_EXPIRATION it is fanned out, beyond it is dropped with its age', () => {
    expect(plan(3600).kind).toBe('fan out');
    expect(plan(3601)).toEqual({ kind: 'drop', why: expect.stringContaining('3601 s old') });
  });
  test('an event without a stamp passes, as in the original', () => {
    expect(plan(1e6, 0).kind).toBe('fan out');
  });
});

test('an empty instrument is no observation; an unknown one is refused by name', () => {
  expect(planFanOut({ ...event, instrument: '' }, efdStamp, situation).kind).toBe('drop');
  expect(planFanOut({ ...event, instrument: 'HSC' }, efdStamp, situation)).toEqual({
    kind: 'refuse',
    why: "nextVisit names the instrument 'HSC', which is not one of LSSTCam, SimCam: to work on it, add it to SUPPORTED_INSTRUMENTS and the instrument file",
  });
});
