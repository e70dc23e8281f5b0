import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type NextVisit,
  parseStreamFields,
  pythonFloat,
  streamFields,
} from '#shared/domain/visit/next-visit.ts';

// The worked example of prompt_processing and next_visit_fan_out, as the original's own code encodes it.
const event: NextVisit = {
  salIndex: 1,
  scriptSalIndex: 200023,
  instrument: 'LSSTCam',
  groupId: '2023-01-23T23:33:14.762',
  coordinateSystem: 2,
  position: [134.5454, -65.3261],
  startTime: 1674516800,
  rotationSystem: 2,
  cameraAngle: 135,
  filters: 'g_6',
  dome: 2,
  duration: 35,
  nimages: 1,
  survey: 'BLOCK-407',
  totalCheckpoints: 1,
  private_sndStamp: 1674516794.7661333,
};

test('the stream entry equals the original’s, field by field and in order', () => {
  expect(Object.entries(streamFields(event, 42)).flat().join(' ')).toBe(
    'salIndex 1 scriptSalIndex 200023 instrument LSSTCam groupId 2023-01-23T23:33:14.762 coordinateSystem 2 ' +
      'startTime 1674516800.0 rotationSystem 2 cameraAngle 135.0 filters g_6 dome 2 duration 35.0 nimages 1 ' +
      'survey BLOCK-407 totalCheckpoints 1 private_sndStamp 1674516794.7661333 position [134.5454, -65.3261] detector 42',
  );
});

test('what was written is read back', () => {
  expect(parseStreamFields(streamFields(event, 42))).toEqual({ ...event, detector: 42 });
  // Ints appear without a point where the original's producer had ints.
  expect(parseStreamFields({ ...streamFields(event, 0), position: '[0, 0]' }).position).toEqual([0, 0]);
});

// Values printed by CPython 3.11's repr.
test.each([
  [135, '135.0'],
  [1e-7, '1e-07'],
  [0.0001, '0.0001'],
  [0.00001234, '1.234e-05'],
  [1e16, '1e+16'],
  [1.5e300, '1.5e+300'],
  [9007199254740992, '9007199254740992.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
])('a float %d is written %s', (value, text) => {
  expect(pythonFloat(value)).toBe(text);
});

test('every finite float survives', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(Number(pythonFloat(value)), value),
    ),
  );
});

test.each([
  ['detector', '', 'an integer'],
  ['nimages', '2.0', 'an integer'],
  ['dome', '42', '1 to 3'],
  ['position', '[1]', 'two numbers'],
  ['duration', 'x', 'finite number'],
])('an entry whose %s is %j is refused with that field and value', (field, value, wanted) => {
  expect(() => parseStreamFields({ ...streamFields(event, 1), [field]: value })).toThrow(
    new RegExp(`${field}.*${wanted}`),
  );
});

test('an entry that lacks a field is refused with its name', () => {
  const { survey: _, ...rest } = streamFields(event, 1);
  expect(() => parseStreamFields(rest)).toThrow('lacks the field survey');
});
