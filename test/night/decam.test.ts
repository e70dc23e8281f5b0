import { expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import weights from '#shared/domain/image/reliability/weights.json' with { type: 'json' };
import { checkNight } from '#shared/domain/ledger/check.ts';
import { skyToPixel } from '#shared/domain/sky/wcs.ts';
import { injected, realDecam } from '../support/decam-frames.ts';
import { decamVisit, firstExposureMs, observe, putSatellites, putTemplate } from '../support/decam-visit.ts';
import { openObservatory } from '../support/observatory.ts';

const real = realDecam();

test.skipIf(!real)(
  'real DECam frames go from the bucket to the public topic',
  {
    timeout: 120_000,
  },
  async () => {
    const { science, template } = real!;
    const visit = decamVisit(1, science, 330);
    await using observatory = await openObservatory({
      instrument: DECam,
      detectors: [0],
      originMs: firstExposureMs,
    });
    await putSatellites(observatory);
    await putTemplate(observatory, template);
    await observe(observatory, visit);
    const evidence = await observatory.settled(90);

    const { counts, differences } = checkNight(evidence);
    expect(differences).toEqual([]);
    expect(counts).toMatchObject({ arrived: 1, processed: 1, gated: 1, lost: 0, duplicated: 0 });
    // The frames are reduced: there is no overscan to remove, which the log says.
    expect(observatory.log()).toContain('"signatureRemoved":false');
    const alerts = await observatory.alerts();
    expect(alerts).toHaveLength(counts.archived);
    for (const { x, y, fluxNjy } of injected) {
      const found = alerts.filter(({ diaSource: { ra, dec } }) => {
        const at = skyToPixel(science.wcs, ra, dec)!;
        return Math.hypot(at.x - x, at.y - y) < 1;
      });
      expect(found).toHaveLength(1);
      const { diaSource, diaObject } = found[0]!;
      expect(diaObject).not.toBeNull();
      expect(diaSource).toMatchObject({ visit: visit.visit, detector: 0, band: 'i', isNegative: false });
      expect(Math.abs(diaSource.psfFlux! - fluxNjy)).toBeLessThan(4 * diaSource.psfFluxErr!);
      // DATE-BEG and DATE-END of the sidecar, 2018-08-04T09:23:31 UTC + 37 s + 165 s.
      expect(diaSource.midpointMjdTai).toBeCloseTo(58334 + (9 * 3600 + 23 * 60 + 31 + 37 + 165) / 86400, 8);
    }
    for (const { diaSource } of alerts) {
      expect(diaSource.reliability).toBeGreaterThanOrEqual(0.5);
      expect(diaSource.reliabilityVersion).toBe(weights.version);
    }
  },
);

test.skipIf(!real)(
  'with MIN_RELIABILITY 1 all sources of real DECam frames are dropped, and counted once the gate has answered',
  { timeout: 120_000 },
  async () => {
    const { science, template } = real!;
    await using observatory = await openObservatory({
      instrument: DECam,
      detectors: [0],
      originMs: firstExposureMs,
      environment: () => ({ MIN_RELIABILITY: '1' }),
    });
    await putSatellites(observatory);
    await putTemplate(observatory, template);
    await observe(observatory, decamVisit(1, science, 330));
    await observatory.settled(90);
    const [{ steps }] = await observatory.accounts();
    expect(steps.measured?.counts).toBeUndefined();
    expect(steps.gated?.counts).toMatchObject({ sources: 0, satellites: 0 });
    expect(steps.gated?.counts?.unreliable).toBeGreaterThanOrEqual(injected.length);
    expect(await observatory.alerts()).toEqual([]);
  },
);
