import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FitsError, numberOf, textOf } from '#shared/domain/fits/header.ts';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { sharedData } from '../../support/shared-data.ts';
import { cases, expectedImage, fixture, headerBytes } from './fixtures.ts';

describe('readFits', () => {
  it.each(cases)('$file, HDU $hdu: $type, bit by bit', (known) => {
    const { image } = readFits(fixture(known.file))[known.hdu];
    if (image === undefined) throw new Error('There is no image.');
    const expected = expectedImage(known);
    expect([image.width, image.height]).toEqual([expected.width, expected.height]);
    expect(image.pixels.constructor).toBe(expected.pixels.constructor);
    expect(sameNumbers(image.pixels, expected.pixels)).toBe(true);
  });

  it('shows a compressed image as the image that it holds', () => {
    const hdus = readFits(fixture('rice-rows.fits.fz'));
    const hdu = hduNamed(hdus, 'i2');
    expect(hdu).toBe(hdus[3]);
    expect(hdu?.header.slice(0, 7).map(({ keyword, value }) => [keyword, value])).toEqual([
      ['XTENSION', 'IMAGE'],
      ['BITPIX', 32],
      ['NAXIS', 2],
      ['NAXIS1', 70],
      ['NAXIS2', 24],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
    ]);
    expect(hdu?.header.filter(({ keyword }) => /^(Z|T(TYPE|FORM))/.test(keyword))).toEqual([]);
    expect(hduNamed(hdus, 'NONE')).toBeUndefined();
  });

  it('finds every flipped bit by CHECKSUM and DATASUM, and reads on where it is told to', () => {
    const good = fixture('double.fits');
    for (const at of [2880 + 8, 2880 + 13000, 79, 500]) {
      const bad = good.slice();
      bad[at] ^= 1;
      expect(() => readFits(bad)).toThrow(/HDU 0 at byte 0: (DATASUM|CHECKSUM) .* damaged/);
      if (at >= 2880) expect(readFits(bad, { verifyChecksums: false })).toHaveLength(1);
    }
  });

  it('says what is missing in a truncated file, wherever it ends', () => {
    const whole = fixture('rice-rows.fits.fz');
    const ends = [0, 1, 79, 2879, 2880 + 80, 5761, 9000, 20_000];
    for (const end of ends) expect(() => readFits(whole.subarray(0, end))).toThrow(FitsError);
    expect(() => readFits(fixture('double.fits').subarray(0, 4000))).toThrow(
      '13440 bytes of data from byte 2880 fill the file to byte 17280, and it has 4000: truncated.',
    );
    expect(readFits(whole.subarray(0, 2880))).toHaveLength(1);
  });

  it('passes over tables, empty images and padding at the end', () => {
    const table = headerBytes(
      "XTENSION= 'BINTABLE'",
      'BITPIX  = 8',
      'NAXIS   = 2',
      'NAXIS1  = 4',
      'NAXIS2  = 10',
      'PCOUNT  = 8',
      'GCOUNT  = 1',
      'TFIELDS = 1',
      "TFORM1  = 'J'",
    );
    const empty = headerBytes(
      "XTENSION= 'IMAGE'",
      'BITPIX  = 16',
      'NAXIS   = 2',
      'NAXIS1  = 777777',
      'NAXIS2  = 0',
    );
    const file = Buffer.concat([
      writeFits([{ header: [] }]),
      table,
      Buffer.alloc(2880),
      empty,
      Buffer.alloc(5000),
    ]);
    const hdus = readFits(file);
    expect(hdus.map((hdu) => hdu.image?.pixels.length)).toEqual([undefined, undefined, 0]);
  });

  it('takes one axis for one row and further axes of one plane', () => {
    const head = (...axes: string[]) =>
      Buffer.concat([headerBytes('SIMPLE  = T', 'BITPIX  = 8', ...axes), new Uint8Array(2880).fill(3)]);
    expect(readFits(head('NAXIS   = 1', 'NAXIS1  = 5'))[0].image).toMatchObject({ width: 5, height: 1 });
    expect(readFits(head('NAXIS   = 3', 'NAXIS1  = 5', 'NAXIS2  = 4', 'NAXIS3  = 1'))[0].image).toMatchObject(
      {
        width: 5,
        height: 4,
      },
    );
    expect(() => readFits(head('NAXIS   = 3', 'NAXIS1  = 5', 'NAXIS2  = 4', 'NAXIS3  = 2'))).toThrow(
      'Axis 3 has length 2: only images of two axes are read.',
    );
  });

  it.each([
    ['<html>', 'no END card'],
    [headerBytes('SIMPLE  = F', 'BITPIX  = 8', 'NAXIS   = 0'), 'not with SIMPLE = T'],
    [headerBytes('BITPIX  = 8', 'NAXIS   = 0'), 'The file starts with BITPIX = 8'],
    [headerBytes('SIMPLE  = T', 'NAXIS   = 0'), 'BITPIX is missing'],
    [headerBytes('SIMPLE  = T', 'BITPIX  = 24', 'NAXIS   = 0'), 'BITPIX is 24 and must be one of'],
    [headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1000'), 'NAXIS is 1000'],
    [headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1'), 'NAXIS1 is missing'],
    [headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = -5'), 'NAXIS1 is -5'],
    [headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 2.5'), 'NAXIS1 is 2.5'],
    [
      headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 99999999999999999999'),
      'NAXIS1 is 999',
    ],
    [
      headerBytes(
        'SIMPLE  = T',
        'BITPIX  = 64',
        'NAXIS   = 2',
        'NAXIS1  = 4000000000',
        'NAXIS2  = 4000000000',
      ),
      'beyond any file',
    ],
    [
      headerBytes('SIMPLE  = T', 'BITPIX  = 64', 'NAXIS   = 1', 'NAXIS1  = 4000000000'),
      '32000000000 bytes of data',
    ],
    [
      Buffer.concat([headerBytes('SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0'), headerBytes('BITPIX  = 8')]),
      "HDU 1 at byte 2880: An extension must start with XTENSION, and this starts with 'BITPIX'.",
    ],
  ])('refuses case %#', (bytes, message) => {
    expect(() => readFits(Buffer.from(bytes))).toThrow(message);
    expect(() => readFits(Buffer.from(bytes))).toThrow(FitsError);
  });
});

describe.skipIf(sharedData('images') === undefined)('real images', () => {
  const real = (name: string) => readFileSync(sharedData('images', name) ?? '');

  it.each([
    ['sep-image.fits', 7010.5156, 'Float32Array'],
    ['sep-back.fits', 6859.3076, 'Float32Array'],
  ])('%s', (name, first, type) => {
    const [{ image }] = readFits(real(name));
    expect(image).toMatchObject({ width: 256, height: 256 });
    expect(image?.pixels.constructor.name).toBe(type);
    expect(image?.pixels[0]).toBeCloseTo(first, 3);
  });

  it('DECam stamps: doubles with TPV coordinates, whose checksums are of the frame that they were cut from', () => {
    const bytes = real('decam/DEC-OBS04a.mini.fits');
    expect(() => readFits(bytes)).toThrow('DATASUM is 3020270003');
    const [{ header, image }] = readFits(bytes, { verifyChecksums: false });
    expect(textOf(header, 'CTYPE1')).toBe('RA---TPV');
    expect(numberOf(header, 'CRPIX1')).toBe(-581.2001);
    expect(image).toMatchObject({ width: 256, height: 256 });
    expect(image?.pixels).toBeInstanceOf(Float64Array);
  });
});

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, k) => Object.is(value, b[k]));
}
