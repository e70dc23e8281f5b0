import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { processCommand } from '../../cli/process.ts';
import { suiteFolder } from '../support/folders.ts';
import { makeScene, rawOf, templateOf } from '../support/scene.ts';

const run = (...words: string[]) =>
  new Command()
    .addCommand(
      processCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} }),
    )
    .exitOverride()
    .parseAsync(['process', ...words], { from: 'user' });

describe('nightshift process', () => {
  const folder = suiteFolder();
  const scene = makeScene({
    seed: 6,
    size: 384,
    stars: 60,
    galaxies: 10,
    transients: 4,
    brightest: 4e5,
    snr: [25],
  });
  const file = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const raw = file('raw.fits', rawOf(scene));
  const template = ['--template', file('template.fits', templateOf(scene))];
  const out = join(folder, 'out');
  const summary = () => JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));

  it('measures a raw against its template, by reference stars', async () => {
    const rows = scene.references.map(({ id, raDeg, decDeg, fluxNjy, fluxErrNjy }) =>
      [id, raDeg, decDeg, 'r', fluxNjy, fluxErrNjy].join(','),
    );
    const references = file('stars.csv', ['id,ra,dec,band,fluxNjy,fluxErrNjy', ...rows, ''].join('\n'));
    await run(raw, ...template, '--references', references, '--band', 'r', '--out', out, '--timing');
    const sources = readFileSync(join(out, 'sources.csv'), 'utf8').trim().split('\n').slice(1);
    for (const { x, y } of scene.transients) {
      const near = sources.map((line) => line.split(',').slice(1, 3).map(Number));
      expect(Math.min(...near.map(([i, j]) => Math.hypot(i - x, j - y)))).toBeLessThan(1);
    }
    const { quality } = summary();
    expect(quality.matchedStars).toBeGreaterThan(5);
    for (const name of ['difference.fits', 'calibrated.fits'])
      expect(hduNamed(readFits(readFileSync(join(out, name))), 'IMAGE')?.image?.width).toBe(384);
    expect(readFileSync(join(out, 'preview.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('takes the scale of the template where nothing else tells it', async () => {
    await run(raw, ...template, '--out', out);
    expect(summary().quality.njyPerElectron).toBeCloseTo(2.5, 1);
    expect(summary().quality.matchedStars).toBe(0);
  });

  it('says what is wrong with its files', async () => {
    const text = file('notes.txt', 'no image\n'.repeat(1000));
    await expect(run(text, ...template, '--out', out)).rejects.toThrow(/notes\.txt is no FITS file/);
    await expect(run(raw, '--template', text, '--out', out)).rejects.toThrow(/a template cannot be read/);
    await expect(run(raw, ...template, '--bias', text, '--out', out)).rejects.toThrow(/notes\.txt|bias/);
    await expect(run(raw, ...template, '--references', text, '--band', 'r', '--out', out)).rejects.toThrow(
      /reference catalogue begins with 'id,ra,dec,band/,
    );
    await expect(run(raw, ...template, '--workers', '999', '--out', out)).rejects.toThrow(/whole number/);
  });
});
