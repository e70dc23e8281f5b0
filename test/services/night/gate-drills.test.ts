import { describe, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { crossedField } from '../../support/crossed-field.ts';
import { firstExposureMs, putSatellites, putTemplate } from '../../support/decam-visit.ts';
import { expectOutcome, type Held, holdVisit } from '../../support/gate-drill.ts';
import { noticeable, openLiar, signedOnly } from '../../support/gate-liar.ts';
import { type Observatory, openObservatory } from '../../support/observatory.ts';

const camera = { instrument: DECam, detectors: [0], originMs: firstExposureMs };
const field = crossedField(1);
const visits = Array.from({ length: 24 }, (_, index) => field.visit(index + 1));
const elements = visits.map((visit) => visit.elements);
/** Told at the first question, and again to the second. */
const twice = 'an earlier answer to the same question';
const key = 'a key that the drill’s gate and its askers share';

async function prepare(observatory: Observatory): Promise<void> {
  await putTemplate(observatory, field.template);
  await putSatellites(observatory, { elements });
}

describe.each([
  { world: 'unsigned', environment: {}, lies: noticeable },
  { world: 'signed', environment: { GATE_KEY: key }, lies: { ...noticeable, ...signedOnly } },
])('with answers $world', ({ environment, lies }) => {
  test('every bad answer holds the work, and none is believed', { timeout: 600_000 }, async () => {
    let gateway = '';
    await using liar = await openLiar(() => `${gateway}/function/sattle-check`);
    await using observatory = await openObservatory({
      ...camera,
      environment: () => ({ ...environment, SATTLE_URI_BASE: liar.url }),
    });
    gateway = observatory.gateway;
    await prepare(observatory);
    const held: Held[] = [];
    for (const [index, [name, { lie, why }]] of Object.entries(lies).entries()) {
      const startedMs = performance.now();
      liar.tell(lie);
      const times = name === twice ? 2 : 1;
      held.push(await holdVisit(observatory, visits[index]!, { why, times, mend: () => liar.tell() }));
      await expectOutcome(observatory, field, held.slice(-1));
      console.log(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    }
    await expectOutcome(observatory, field, held);
  });
});
