import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { wcsToCards } from '#shared/domain/sky/wcs.ts';
import { differenceCommand } from '../../cli/difference.ts';
import { testFolder } from '../support/folders.ts';
import { makeScene, NJY_PER_ELECTRON } from '../support/scene.ts';

const run = (...words: string[]) =>
  new Command()
    .addCommand(
      differenceCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} }),
    )
    .exitOverride()
    .parseAsync(['difference', ...words], { from: 'user' });

it('differences two files into FITS, CSV, JSON and PNG', async () => {
  const folder = testFolder();
  const scene = makeScene({
    seed: 6,
    size: 256,
    stars: 40,
    galaxies: 10,
    transients: 3,
    brightest: 4e5,
    snr: [20, 30],
  });
  const header = [
    ...wcsToCards(scene.wcs),
    { keyword: 'GAIN', value: 1 },
    { keyword: 'RDNOISE', value: 6 },
    { keyword: 'AVSKY', value: 800 },
    { keyword: 'DATE-OBS', value: '2026-01-02T03:04:05' },
  ];
  const save = (name: string, pixels: Float32Array): string => {
    const path = join(folder, name);
    writeFileSync(path, writeFits([{ header, image: { width: 256, height: 256, pixels } }]));
    return path;
  };
  const science = save('science.fits', scene.science);
  const template = save(
    'template.fits',
    scene.template.map((value) => value / NJY_PER_ELECTRON),
  );
  await run(science, template, '--out', join(folder, 'out'), '--template-gain', '10', '--zero-point', '30');
  const read = (name: string) => readFileSync(join(folder, 'out', name));
  const hdus = readFits(read('difference.fits'));
  for (const name of ['IMAGE', 'VARIANCE', 'MASK', 'SCORE'])
    expect(hduNamed(hdus, name)?.image?.width).toBe(256);
  const rows = read('sources.csv')
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  for (const { x, y } of scene.transients) {
    expect(rows.some((row) => Math.hypot(Number(row[1]) - x, Number(row[2]) - y) < 3)).toBe(true);
  }
  const summary = JSON.parse(read('summary.json').toString());
  expect(summary).toMatchObject({ unit: 'nJy', dateObs: '2026-01-02T03:04:05', warped: false });
  expect(summary.facts.template.gain).toBe(10);
  expect(summary.varianceFrom.science).toBe('photon statistics');
  expect(read('preview.png').subarray(1, 4).toString()).toBe('PNG');
});

it('says what is wrong with a file, an option, or a pair', async () => {
  const folder = testFolder();
  const broken = join(folder, 'broken.fits');
  writeFileSync(broken, 'SIMPLE  = no');
  const flat = join(folder, 'flat.fits');
  writeFileSync(
    flat,
    writeFits([{ header: [], image: { width: 64, height: 64, pixels: new Float32Array(4096) } }]),
  );
  await expect(run(join(folder, 'absent.fits'), flat, '--out', folder)).rejects.toThrow(
    /absent.fits cannot be read: ENOENT/,
  );
  await expect(run(broken, flat, '--out', folder)).rejects.toThrow(
    /broken.fits is no FITS file that can be read/,
  );
  await expect(run(flat, flat, '--out', folder)).rejects.toThrow(
    /cannot be differenced: no isolated unsaturated star/,
  );
  await expect(run(flat, flat, '--out', folder, '--gain', '-1')).rejects.toThrow(/Give a number above 0/);
  await expect(run(flat, flat, '--out', folder, '--date-obs', 'yesterday')).rejects.toThrow(
    /Give a time like/,
  );
});
