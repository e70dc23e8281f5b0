import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileKernels, generatedKernels } from '../../../../templates/kernels.ts';

test('the tracked kernels are what their sources compile to', { timeout: 60_000 }, async () => {
  const compiled = await compileKernels();
  expect(
    readFileSync(generatedKernels, 'utf8') === compiled,
    'run `npm run kernels` and commit kernels.generated.ts',
  ).toBe(true);
});
