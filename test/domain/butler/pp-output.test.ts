import { expect, test } from 'vitest';
import { ppOutput } from '#shared/domain/butler/pp-output.ts';
import { exactJson } from '#shared/domain/json/exact.ts';

const output = {
  instrument: 'LSSTCam',
  visit: 2025052140049n,
  detector: 94,
  datasets: [
    { type: 'difference_image', path: 'products/2025052140049/94/1/difference.fits' },
    { type: 'preliminary_visit_image', path: 'products/2025052140049/94/1/calibrated.fits' },
  ],
};

test('a message has the members of the original, with a reference a dataset', () => {
  const { type, dimension_records, datasets } = JSON.parse(ppOutput(output));
  expect(type).toBe('pp-output');
  expect(dimension_records).toEqual([]);
  expect(datasets).toHaveLength(2);
  const [[id, reference]] = Object.entries(datasets[0].refs);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(reference).toEqual({
    dataset_type_name: 'difference_image',
    run: 'LSSTCam/prompt/output-2025-05-21/ApPipe/nightshift',
    data_id: { instrument: 'LSSTCam', detector: 94, visit: 2025052140049 },
  });
  expect(datasets[0].path).toBe('products/2025052140049/94/1/difference.fits');
});

test('a repeat is the same message, another detector has other ids', () => {
  expect(ppOutput(output)).toBe(ppOutput(output));
  const ids = (text: string) =>
    JSON.parse(text).datasets.flatMap(({ refs }: { refs: object }) => Object.keys(refs));
  const both = [...ids(ppOutput(output)), ...ids(ppOutput({ ...output, detector: 95 }))];
  expect(new Set(both).size).toBe(4);
});

test('integers beyond 2^53 are written as they are, without quotes', () => {
  expect(exactJson({ timespan: [1747891246866998076n, null] })).toBe(
    '{"timespan":[1747891246866998076,null]}',
  );
});
