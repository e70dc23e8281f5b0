import { expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { activeDetectors } from '#shared/domain/ids/instrument-config.ts';

/** In the shape of next_visit_fan_out's file. */
const file = `
knative-urls:
  LATISS: http://prompt-proto-service-latiss
redis-streams:
  LSSTCam: instrument:lsstcam
detectors:
  LATISS:
    0: True
  LSSTCam:
    10: true
    2: true
    120: False
    122: false
  LSSTCam-TEST-2026010100039:
    30: true
    173: true
`;

test('the active detectors of each instrument, ascending', () => {
  expect(Object.fromEntries(activeDetectors(parse(file)))).toEqual({
    LATISS: [0],
    LSSTCam: [2, 10],
    'LSSTCam-TEST-2026010100039': [30, 173],
  });
});

it.each([
  ['', 'no map "detectors"'],
  ['detectors: [1, 2]', 'no map "detectors"'],
  ['detectors:\n  LSSTCam: 5', 'no map "detectors.LSSTCam"'],
  ['detectors:\n  LSSTCam:\n    5: yes', '"5: yes" for LSSTCam'],
  ['detectors:\n  LSSTCam:\n    R22_S11: true', '"R22_S11: true" for LSSTCam'],
])('refuses %j', (text, message) => {
  expect(() => activeDetectors(parse(text))).toThrow(message);
});
