import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { mjdTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { positionsCommand } from '../../../cli/satellites/positions.ts';
import { suiteFolder } from '../../support/folders.ts';

interface Case {
  readonly lines: readonly [string, string];
  readonly omm?: Record<string, unknown>;
  readonly mjdTai: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly rangeKm: number;
}
const fixtures = join(import.meta.dirname, '../../fixtures/satellites');
const cases: Case[] = JSON.parse(readFileSync(join(fixtures, 'directions.json'), 'utf8'));

describe('nightshift satellites positions', () => {
  const folder = suiteFolder();
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const main = join(import.meta.dirname, '../../../cli/main.ts');
  const run = (options: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [main, 'satellites', 'positions', ...options],
      { input, encoding: 'utf8' },
    );
    const answers = stdout.split('\n').filter((line) => line !== '');
    return { status, answers: answers.map((line) => JSON.parse(line)), problems: stderr.trim().split('\n') };
  };
  const inProcess = (...options: string[]) =>
    positionsCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(options, { from: 'user' });

  // One of them is T0276 in alpha-5: 270276.
  const numberOf = ({ lines }: Case) => Number(lines[0].slice(2, 7).replace('T', '27'));
  const jdUtcOf = (each: Case) => mjdUtcFromTai(mjdTai(each.mjdTai)) + 2_400_000.5;
  const asked = (each: Case, change: object = {}) =>
    JSON.stringify({ norad: numberOf(each), jdUtc: jdUtcOf(each), ...change });
  const catalogue = file('catalog.tle', cases.map(({ lines }) => lines.join('\r\n')).join('\r\n'));

  it('answers every line with the place of sgp4 and astropy', () => {
    const list = file('asked.jsonl', cases.map((each) => asked(each)).join('\n'));
    const { status, answers } = run(['--source', catalogue, '--list', list]);
    expect(status).toBe(0);
    expect(answers.length).toBe(cases.length);
    for (const [index, answer] of answers.entries()) {
      const each = cases[index];
      expect(Object.keys(answer)).toEqual(['norad', 'jdUtc', 'raDeg', 'decDeg', 'rangeKm']);
      expect([answer.norad, answer.jdUtc]).toEqual([numberOf(each), jdUtcOf(each)]);
      // 0.1" of the frames, 0.2" of a Julian date's rounding.
      expect(separationArcsec(answer.raDeg, answer.decDeg, each.raDeg, each.decDeg)).toBeLessThan(0.3);
      expect(Math.abs(answer.rangeKm - each.rangeKm)).toBeLessThan(0.001);
    }
  });

  it('names each line that it cannot answer, and goes on', () => {
    const [first, second] = cases;
    // It circles lowest, and has come down long before this date.
    const lowest = cases.toSorted(
      (a, b) => Number(b.lines[1].slice(52, 63)) - Number(a.lines[1].slice(52, 63)),
    )[0];
    const list = [
      `\uFEFF${asked(first)}\r`,
      'no JSON',
      asked(first, { norad: 99_999 }),
      asked(first, { norad: 'ISS' }),
      asked(first, { jdUtc: '2459800.7' }),
      '',
      asked(first, { jdUtc: 2_450_000 }),
      asked(lowest, { jdUtc: 2_480_000 }),
      asked(second, { norad: String(numberOf(second)) }),
    ];
    const { status, answers, problems } = run(['--source', catalogue, '--list', '-'], list.join('\n'));
    expect(status).toBe(1);
    expect(answers.map(({ norad }) => norad)).toEqual([numberOf(first), numberOf(second)]);
    expect(problems).toEqual([
      'standard input, line 2: It is not a JSON object.',
      'standard input, line 3: The source holds no element set of this satellite.',
      'standard input, line 4: norad is no number of the catalogue, such as 25544.',
      'standard input, line 5: jdUtc is not a number.',
      expect.stringContaining('standard input, line 7: The table of the Earth'),
      expect.stringContaining('standard input, line 8: SGP4 gives this satellite no position'),
    ]);
  });

  it('takes of several element sets the one with the nearest epoch, and a snapshot as it lies', () => {
    const withOmm = cases.find(({ omm }) => omm)!;
    const omm = { ...withOmm.omm, NORAD_CAT_ID: numberOf(withOmm) };
    // The same orbit said to be of another year would put the satellite elsewhere.
    const older = { ...omm, EPOCH: String(withOmm.omm!.EPOCH).replace(/^2022/, '2021') };
    const lines = [older, omm].map((set) => JSON.stringify(set)).join('\n');
    const snapshot = file('snapshot.jsonl.gz', gzipSync(lines));
    const { answers } = run(['--source', snapshot, '--list', '-'], asked(withOmm));
    const { raDeg, decDeg } = withOmm;
    expect(separationArcsec(answers[0].raDeg, answers[0].decDeg, raDeg, decDeg)).toBeLessThan(0.3);
  });

  it('says which file it cannot use', async () => {
    const missing = join(folder, 'missing');
    const empty = file('empty.tle', '');
    await expect(inProcess('--source', missing, '--list', '-')).rejects.toThrow(`${missing} cannot be read`);
    await expect(inProcess('--source', empty, '--list', '-')).rejects.toThrow('holds no element set');
    await expect(inProcess('--source', catalogue, '--list', missing)).rejects.toThrow(
      `${missing} cannot be read`,
    );
    await expect(inProcess('--source', catalogue)).rejects.toThrow('--list');
  });
});
