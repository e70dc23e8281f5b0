import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ppOutput } from '#shared/domain/butler/pp-output.ts';
import { sqliteButler } from '#shared/drivers/sqlite/butler.ts';
import { LSSTCam, rawOf } from '../contracts/butler.ts';
import { opened } from '../contracts/suite.ts';
import { suiteFolder } from '../support/folders.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain } from '../support/services/availability.ts';

interface Found {
  universe: [string, number];
  byExposure: number;
  byVisit: number;
  byDay: number;
  byDate: number;
  ofMiddle: number[];
  sameIds: boolean;
  uri: string;
  records: Record<string, number>;
  row: Record<string, string>;
  timespan: [string, string];
  synced: Record<string, boolean>;
  outputs: string[];
}

const available = await obtain(pythonWithPackages);
const data = suiteFolder();
const visit = 2025052100138n;

describe.skipIf(available === undefined)('Rubin’s daf_butler in a repository of ours', () => {
  let found: Found;
  beforeAll(async () => {
    const butler = await sqliteButler({ data });
    await butler.register(LSSTCam);
    const science = LSSTCam.detectors.filter(({ purpose }) => purpose === 'SCIENCE');
    await butler.ingestRaws(science.map(({ number }) => rawOf(LSSTCam, 138, number)));
    await butler.close();
    const message = join(data, 'message.json');
    const datasets = [{ type: 'difference_image', path: join(data, 'difference.json') }];
    writeFileSync(join(data, 'difference.json'), '{}');
    writeFileSync(message, ppOutput({ instrument: 'LSSTCam', visit, detector: 94, datasets }));
    const script = join(import.meta.dirname, 'butler-oracle.py');
    found = JSON.parse(await python(script, [join(data, 'butler'), String(visit), message]));
  });

  test('finds all raws by exposure, visit, day and number, and date of ingest', () => {
    expect(found.universe).toEqual(['daf_butler', 8]);
    expect([found.byExposure, found.byVisit, found.byDay, found.byDate]).toEqual([189, 189, 189, 189]);
    expect(found.uri).toMatch(/^s3:\/\/raw\/LSSTCam\/20250521\/MC_O_20250521_000138\/.*\.fits$/);
  });

  test('finds by a position on the sky the one detector that saw it', () => {
    expect(found.ofMiddle).toEqual([94]);
  });

  test('finds the dimensions, each as often as there is one', () => {
    expect(found.records).toEqual({
      ...{
        exposure: 1,
        visit: 1,
        visit_definition: 1,
        visit_system_membership: 1,
        visit_detector_region: 205,
      },
      ...{ detector: 205, physical_filter: 276 },
    });
  });

  test('reads times to the nanosecond and texts as they are', () => {
    expect(found.timespan).toEqual(['1747891246866000000', '1747891277808000000']);
    expect(found.row).toMatchObject({ obs_id: 'MC_O_20250521_000138', group: '2025-05-22T05:07:29.138#1' });
  });

  test('gives the datasets the same ids, and has nothing to write of what is there', () => {
    expect(found.sameIds).toBe(true);
    expect(found.synced).toEqual({ exposure: false, visit: false, visit_detector_region: false });
  });

  test('takes the datasets of a processed detector by the ids of our message, and we go on beside it', async () => {
    expect(found.outputs).toHaveLength(1);
    const butler = await opened(() => sqliteButler({ data }));
    expect(await butler.known(found.outputs)).toEqual(new Set(found.outputs));
    expect(await butler.ingestRaws([rawOf(LSSTCam, 138, 94), rawOf(LSSTCam, 139, 94)])).toEqual([
      { kind: 'present' },
      { kind: 'ingested' },
    ]);
  });
});
