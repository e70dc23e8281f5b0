import { expect, it } from 'vitest';
import type { CardValue, Header } from '#shared/domain/fits/header.ts';
import { algorithmOf, compressionParameter, imageHeader } from '#shared/domain/fits/tile-header.ts';

const cards = (...pairs: [string, CardValue][]): Header =>
  pairs.map(([keyword, value]) => ({ keyword, value }));

/** The camera's cards, and cards that begin with Z or T and are the image's own. */
const table = cards(
  ['XTENSION', 'BINTABLE'],
  ['BITPIX', 8],
  ['NAXIS', 2],
  ['NAXIS1', 8],
  ['NAXIS2', 2048],
  ['PCOUNT', 1195757],
  ['GCOUNT', 1],
  ['TFIELDS', 1],
  ['TTYPE1', 'COMPRESSED_DATA'],
  ['TFORM1', '1PB(631)'],
  ['ZIMAGE', true],
  ['ZTILE1', 576],
  ['ZTILE2', 1],
  ['ZCMPTYPE', 'RICE_ONE'],
  ['ZNAME1', 'BLOCKSIZE'],
  ['ZVAL1', 16],
  ['ZTENSION', 'IMAGE'],
  ['ZBITPIX', 32],
  ['ZNAXIS', 2],
  ['ZNAXIS2', 2048],
  ['ZNAXIS1', 576],
  ['ZPCOUNT', 0],
  ['ZGCOUNT', 1],
  ['ZHECKSUM', 'beGDbZG9bbGAbZG9'],
  ['EXTNAME', 'Segment10'],
  ['ZENITH', 12],
  ['TELESCOP', 'S'],
  ['COMMENT', 'ZIMAGE'],
  ['ZDATASUM', '1468200602'],
  ['CHECKSUM', 'Cej5Fdh5Cdh5Cdh5'],
  ['DATASUM', '2161102972'],
);

it('gives the image its own header back, in the order of the standard', () => {
  expect(imageHeader(table)).toEqual(
    cards(
      ['XTENSION', 'IMAGE'],
      ['BITPIX', 32],
      ['NAXIS', 2],
      ['NAXIS1', 576],
      ['NAXIS2', 2048],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
      ['CHECKSUM', 'beGDbZG9bbGAbZG9'],
      ['EXTNAME', 'Segment10'],
      ['ZENITH', 12],
      ['TELESCOP', 'S'],
      ['COMMENT', 'ZIMAGE'],
      ['DATASUM', '1468200602'],
    ),
  );
});

it('makes a primary header of one that was primary, and drops the name that only the table had', () => {
  const primary = cards(
    ['XTENSION', 'BINTABLE'],
    ['ZSIMPLE', true],
    ['ZBITPIX', 16],
    ['ZNAXIS', 1],
    ['ZNAXIS1', 9],
    ['ZEXTEND', true],
    ['EXTNAME', 'COMPRESSED_IMAGE'],
  );
  expect(imageHeader(primary)).toEqual(
    cards(['SIMPLE', true], ['BITPIX', 16], ['NAXIS', 1], ['NAXIS1', 9], ['EXTEND', true]),
  );
  expect(imageHeader(cards(['ZBITPIX', 16]))[0]).toEqual({ keyword: 'XTENSION', value: 'IMAGE' });
});

it("names the algorithm and its parameters, RICE_1's old name included", () => {
  expect(algorithmOf(table)).toBe('RICE_1');
  expect(algorithmOf([])).toBe('');
  expect(compressionParameter(table, 'BLOCKSIZE')).toBe(16);
  expect(compressionParameter(table, 'BYTEPIX')).toBeUndefined();
});
