import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspect, textOf } from '../../../functions/satellite-catalog/inspect.ts';
import { elementSets } from '../../support/element-sets.ts';
import { sharedData } from '../../support/shared-data.ts';

const sets = elementSets(1000, 300, '2022-08-09T12:00:00Z');
const forms = {
  'a JSON array': JSON.stringify(sets, null, 1),
  'an object with data': JSON.stringify({ data: sets }),
  'JSON lines': sets.map((each) => JSON.stringify(each)).join('\n'),
};

describe.each(Object.entries(forms))('%s', (_, text) => {
  test('is taken whole', () => {
    expect(inspect(text, 'tested')).toEqual({ count: 300, refused: 0 });
    expect(inspect(`\uFEFF${text}\r\n\r\n`, 'tested')).toMatchObject({ count: 300, refused: 0 });
  });

  test('is refused wherever it is cut', () => {
    for (const part of [0.1, 0.5, 0.9, 0.99, 0.9999])
      expect(inspect(text.slice(0, part * text.length), 'tested').flaw, String(part)).toMatch(/\.$/);
  });
});

const catalogue = sharedData('satellites', 'catalog-2022-08.tle');

describe.skipIf(!catalogue)('TLEs of the real catalogue (../shared/data/satellites)', () => {
  const lines = readFileSync(catalogue ?? '', 'utf8')
    .split('\n')
    .slice(0, 400)
    .join('\n');

  test('are taken whole, gzipped too', () => {
    expect(inspect(lines, 'tested')).toEqual({ count: 200, refused: 0 });
    expect(textOf(gzipSync(lines))).toBe(lines);
    expect(() => textOf(gzipSync(lines).subarray(0, 1000))).toThrow('is cut');
  });

  test('are refused where they end within a line or between the two of a set', () => {
    for (const less of [1, 30, 69, 71, 100, 138])
      expect(inspect(lines.trimEnd().slice(0, -less), 'tested').flaw, String(less)).toMatch(
        /Its end is no whole/,
      );
    expect(inspect(lines.trimEnd().slice(0, -140), 'tested')).toEqual({ count: 199, refused: 0 });
  });

  test('may have one bad set in a hundred, which is left out, and not two', () => {
    const bad = (count: number) => {
      const all = lines.split('\n');
      for (let index = 0; index < count; index++)
        all[40 * index + 1] = all[40 * index + 1]!.replace(/\d\s*$/, 'x');
      return inspect(all.join('\n'), 'tested');
    };
    expect(bad(2)).toMatchObject({
      count: 198,
      refused: 2,
      first: expect.stringContaining('tested, line 1'),
    });
    expect(bad(2).flaw).toBeUndefined();
    expect(bad(3).flaw).toMatch(/^3 of its element sets cannot be read\. The first: tested, line 1: /);
  });
});

test.each([
  ['<html><body>Down for maintenance</body></html>'],
  ['{"error":"You have violated your query rate limit."}'],
  ['No GP data found'],
  ['[]'],
  [''],
])('%j is no catalogue', (text) => {
  expect(inspect(text, 'tested').flaw).toMatch(/^It holds no element set\./);
});
