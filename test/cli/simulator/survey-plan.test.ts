import { describe, expect, it } from 'vitest';
import { exposureId } from '#shared/domain/ids/exposure-id.ts';
import { taiMinusUtcSeconds } from '#shared/domain/time/leap-seconds.ts';
import { planNight, VISITS_A_NIGHT } from '../../../cli/simulator/survey-plan.ts';
import { dayObsOf, isoTai, taiFromUnixMs, unixMsFromTai } from '../../../cli/simulator/tai.ts';

describe.each(['SimCam', 'LSSTCam'])('a survey with %s', (camera) => {
  const plan = planNight({ camera, seed: 7 });
  const visits = Array.from({ length: 20 }, (_, index) => plan.visitAt(index));

  it('is the same for the same seed and another for another', () => {
    expect(planNight({ camera, seed: 7 }).visitAt(123)).toEqual(plan.visitAt(123));
    expect(planNight({ camera, seed: 8 }).visitAt(123)).not.toEqual(plan.visitAt(123));
  });

  it('announces each visit at least 20 s ahead, and exposes after the one before', () => {
    for (const [index, visit] of visits.entries()) {
      expect(visit.begin - visit.announce).toBeGreaterThanOrEqual(20_000);
      if (index > 0) expect(visit.begin).toBeGreaterThan(visits[index - 1].end);
    }
  });

  it('comes back to its two fields, so that light curves grow', () => {
    expect(new Set(visits.map((visit) => visit.fieldName)).size).toBe(2);
    expect(new Set(visits.map((visit) => visit.band))).toEqual(new Set(['r', 'i', 'g']));
  });

  it('names visits as the original does', () => {
    for (const visit of visits) {
      expect(visit.visit).toBe(exposureId({ ...visit, controller: 'O' }));
      expect(visit.group).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
      expect(visit.dayObs).toBe(dayObsOf(visit.begin));
      expect(plan.instrument.filters).toContainEqual({
        physicalFilter: visit.physicalFilter,
        band: visit.band,
      });
    }
  });

  it('goes on in the next night', () => {
    const next = plan.visitAt(VISITS_A_NIGHT);
    expect(next.seqNum).toBe(1);
    expect(next.dayObs).toBeGreaterThan(plan.visitAt(VISITS_A_NIGHT - 1).dayObs);
  });
});

it('takes the first detectors by number', () => {
  expect(planNight({ camera: 'LSSTCam', seed: 1, detectors: 3 }).detectors).toEqual([0, 1, 2]);
  expect(planNight({ camera: 'LSSTCam', seed: 1 }).detectors).toHaveLength(189);
});

it('has leap seconds of its own that agree with the pipeline', () => {
  const unixMs = Date.UTC(2026, 2, 5, 1, 2, 3, 456);
  const mjdUtc = unixMs / 86_400_000 + 40_587;
  expect(taiFromUnixMs(unixMs) - unixMs).toBe(1000 * taiMinusUtcSeconds(mjdUtc as never));
  expect(unixMsFromTai(taiFromUnixMs(unixMs))).toBe(unixMs);
  expect(isoTai(taiFromUnixMs(unixMs))).toBe('2026-03-05T01:02:40.456');
});
