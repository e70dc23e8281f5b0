import { readFileSync } from 'node:fs';
import { Fault, type FaultCode, faults, outcomeOfError } from 'openfaas-sdk-ts';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

const documented = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim());
  const code = /^`(NS_\w+)`$/.exec(cells[1] ?? '')?.[1];
  if (!code) return [];
  const [blame, policy, status, meaning, advice] = cells.slice(2);
  return [{ code, blame, policy, status: Number(status), meaning, advice }];
});

test('docs/errors.md lists exactly the codes of the catalogue, with what the catalogue says of them', () => {
  const catalogue = Object.entries(faults).map(([code, { blame, policy, status, meaning }]) => ({
    code,
    blame,
    policy,
    status,
    meaning,
  }));
  expect(documented.map(({ advice, ...facts }) => facts)).toEqual(catalogue);
  expect(documented.filter(({ advice }) => !advice).map(({ code }) => code)).toEqual([]);
});

test('the outcome of a thrown fault is its policy, with the code in the cause', () => {
  const kinds = { hold: 'hold', retry: 'retry', dead: 'dead', stop: 'hold' } as const;
  for (const [code, { policy }] of Object.entries(faults)) {
    const outcome = outcomeOfError(new Fault(code as FaultCode, 'a sentence'));
    expect(outcome).toMatchObject({ kind: kinds[policy], why: `${code}: a sentence` });
  }
});

test('pauses between attempts grow from 2 s to 5 min', () => {
  const pauses = [1, 2, 3, 8, 9, 50].map((attempt) => outcomeOfError(new Error('x'), attempt));
  expect(pauses.map((outcome) => outcome.kind === 'retry' && outcome.afterSeconds)).toEqual([
    2, 4, 8, 256, 300, 300,
  ]);
});
