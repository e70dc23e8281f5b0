import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { InvalidId } from '#shared/domain/ids/invalid-id.ts';
import { parseSlot, slotText } from '#shared/domain/ids/slot.ts';

test('a slot as text', () => {
  const slot = { instrument: 'LSSTCam', group: '2025-04-16T07:03:14.565#1', detector: 94 };
  expect(slotText(slot)).toBe('LSSTCam/2025-04-16T07%3A03%3A14.565%231/94');
  expect(parseSlot('LSSTCam/2025-04-16T07%3A03%3A14.565%231/94')).toEqual(slot);
});

test('every group survives, with # + : % / and the rest of Unicode', () => {
  const group = fc.oneof(
    fc.stringMatching(/^[#+:%/ .T0-9-]{1,30}$/),
    fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.isWellFormed()),
  );
  const slot = fc.record({
    instrument: fc.constantFrom('LSSTCam', 'LSSTCam-imSim', 'SimCam'),
    group,
    detector: fc.nat(),
  });
  fc.assert(
    fc.property(slot, (slot) => {
      const text = slotText(slot);
      expect(text.split('/')).toHaveLength(3);
      expect(parseSlot(text)).toEqual(slot);
    }),
    { numRuns: 200 },
  );
});

it.each([
  '',
  'LSSTCam',
  'LSSTCam/g',
  'LSSTCam/g/',
  'LSSTCam/g/1/2',
  'LSSTCam//1',
  '/g/1',
  'LSSTCam/g/-1',
  'LSSTCam/g/01',
  'LSSTCam/%zz/1',
  'LSSTCam/g/1.5',
])('refuses "%s"', (text) => {
  expect(() => parseSlot(text)).toThrow(InvalidId);
});

it.each([
  { instrument: '', group: 'g', detector: 1 },
  { instrument: 'a/b', group: 'g', detector: 1 },
  { instrument: 'LSSTCam', group: '', detector: 1 },
  { instrument: 'LSSTCam', group: '\ud800', detector: 1 },
  { instrument: 'LSSTCam', group: 'g', detector: -1 },
  { instrument: 'LSSTCam', group: 'g', detector: 0.5 },
])('has no text for $instrument $group $detector', (slot) => {
  expect(() => slotText(slot)).toThrow(InvalidId);
});
