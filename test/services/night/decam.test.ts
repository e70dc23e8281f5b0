import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { injected, realDecam } from '../../support/decam-frames.ts';
import {
  decamVisit,
  firstExposureMs,
  observe,
  putSatellites,
  putTemplate,
} from '../../support/decam-visit.ts';
import { testFolder } from '../../support/folders.ts';
import { openObservatory } from '../../support/observatory.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';

interface ReadPacket {
  readonly schemaId: number;
  readonly alert: { readonly diaSource: { readonly ra: number; readonly dec: number } };
  readonly stamps: Record<string, { readonly source: [number, number] }>;
  readonly sameBytes: boolean;
}

const real = realDecam();
const available = await obtain(pythonWithPackages);
const oracle = join(import.meta.dirname, '../alert-oracle.py');

test.skipIf(!available || !real)(
  'lsst-alert-packet, fastavro and astropy read the alerts of real DECam frames',
  async () => {
    const { science, template } = real!;
    const folder = testFolder();
    await using observatory = await openObservatory({
      instrument: DECam,
      detectors: [0],
      originMs: firstExposureMs,
    });
    await putSatellites(observatory);
    await putTemplate(observatory, template);
    await observe(observatory, decamVisit(1, science, 330));
    await observatory.settled(90);
    const files = (await observatory.packets()).map((packet, index) => {
      const file = join(folder, `${index}.wire`);
      writeFileSync(file, packet);
      return file;
    });
    expect(files.length).toBeGreaterThanOrEqual(injected.length);
    const read: ReadPacket[] = JSON.parse(await python(oracle, ['read', ...files]));
    expect(read).toHaveLength(files.length);
    for (const { schemaId, sameBytes, stamps, alert } of read) {
      expect({ schemaId, sameBytes }).toEqual({ schemaId: 1101, sameBytes: true });
      const { ra, dec } = alert.diaSource;
      for (const stamp of [stamps.cutoutDifference, stamps.cutoutScience, stamps.cutoutTemplate]) {
        // By the stamp's own coordinates the source is where the alert says, within 0.04".
        expect(stamp?.source[0]).toBeCloseTo(ra, 5);
        expect(stamp?.source[1]).toBeCloseTo(dec, 5);
      }
      expect(alert.diaSource).toMatchObject({ visit: '2018080300001', detector: '0', band: 'i' });
    }
  },
);
