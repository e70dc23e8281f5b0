import { describe, expect, test } from 'vitest';
import { datasetId } from '#shared/domain/butler/dataset-id.ts';

const raw = (instrument: string, detector: number, exposure: bigint) =>
  datasetId({
    datasetType: 'raw',
    run: `${instrument}/raw/all`,
    dataId: { instrument, detector, exposure },
  });

describe('dataset id', () => {
  // Ids in Rubin's own repositories (prompt_processing's central_repo), and one that daf_butler 30 gave.
  test.each([
    ['LSSTCam', 94, 2025041500054n, '138f0b4b-33ba-5524-b843-e77079ced6ac'],
    ['LSSTCam', 94, 2025041500055n, '41150af9-030f-54db-8d65-638ba8c90e55'],
    ['LATISS', 0, 2020011700005n, '9ffaf627-a4af-56c2-8217-23fb9054aae2'],
    ['LSSTCam', 94, 2025052100138n, 'a85499a2-6bb8-5cea-8b31-6fed836cee77'],
  ])('of the raw of %s detector %i exposure %i is %s', (instrument, detector, exposure, id) => {
    expect(raw(instrument, detector, exposure)).toBe(id);
  });

  test('does not depend on the order in which the dimensions are given', () => {
    const dataId = { exposure: 2025052100138n, instrument: 'LSSTCam', detector: 94 };
    expect(datasetId({ datasetType: 'raw', run: 'LSSTCam/raw/all', dataId })).toBe(
      raw('LSSTCam', 94, 2025052100138n),
    );
  });
});
