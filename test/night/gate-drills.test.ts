import { expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { crossedField } from '../support/crossed-field.ts';
import { firstExposureMs, putSatellites, putTemplate } from '../support/decam-visit.ts';
import { expectOutcome, holdVisit } from '../support/gate-drill.ts';
import { noticeable, openLiar } from '../support/gate-liar.ts';
import { openObservatory } from '../support/observatory.ts';

const camera = { instrument: DECam, detectors: [0], originMs: firstExposureMs };

test('a source on a satellite’s path is nowhere, whatever a bad replica has answered before', {
  timeout: 100_000,
}, async () => {
  const field = crossedField(1);
  let gateway = '';
  await using liar = await openLiar(() => `${gateway}/function/sattle-check`);
  await using observatory = await openObservatory({
    ...camera,
    environment: () => ({ SATTLE_URI_BASE: liar.url }),
  });
  gateway = observatory.gateway;
  const names = ['a foreign id', 'HTML with 200', 'a connection cut within the answer'];
  const visits = names.map((_, index) => field.visit(index + 1));
  await putTemplate(observatory, field.template);
  await putSatellites(observatory, { elements: visits.map(({ elements }) => elements) });
  const held = [];
  for (const [index, name] of names.entries()) {
    const { lie, why } = noticeable[name]!;
    liar.tell(lie);
    held.push(await holdVisit(observatory, visits[index]!, { why, mend: () => liar.tell() }));
    await expectOutcome(observatory, field, held.slice(-1));
  }
  await expectOutcome(observatory, field, held);
  expect(liar.asked).toBeGreaterThan(5);
});
