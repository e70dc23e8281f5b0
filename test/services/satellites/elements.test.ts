import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { testFolder } from '../../support/folders.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';
import { sharedData } from '../../support/shared-data.ts';

const programs = await obtain(pythonWithPackages);
const catalogue = sharedData('satellites', 'catalog-2022-08.tle');

it.skipIf(!programs || !catalogue)(
  'says in an OMM what its two lines say, for every element set of the catalogue, as the package sgp4 reads both',
  async () => {
    const { elements } = parseElementFile(readFileSync(catalogue!, 'utf8'), 'catalogue');
    const ours = join(testFolder(), 'ours.jsonl');
    writeFileSync(ours, elements.map(({ omm }) => `${JSON.stringify(omm)}\n`).join(''));
    const told = JSON.parse(
      await python(join(import.meta.dirname, 'elements-oracle.py'), [catalogue!, ours]),
    );
    console.table([told]);
    expect(told).toMatchObject({ lines: 25_975, messages: 25_975, otherNumbers: 0, otherLabels: 0 });
    expect(told.positions).toBeGreaterThan(50_000);
    expect(told.worstEpochSeconds).toBeLessThan(1e-6);
    expect(told.worstKm).toBeLessThan(1e-5);
  },
);
