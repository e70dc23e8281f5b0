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
    .slice(0, 480)
    .join('\n');

  test('are taken whole, gzipped too', () => {
    expect(inspect(lines, 'tested')).toEqual({ count: 240, refused: 0 });
    expect(textOf(gzipSync(lines))).toBe(lines);
    expect(() => textOf(gzipSync(lines).subarray(0, 1000))).toThrow('is cut');
  });

  test('are refused where they end within a line or between the two of a set', () => {
    for (const less of [1, 30, 69, 71, 100, 138])
      expect(inspect(lines.trimEnd().slice(0, -less), 'tested').flaw, String(less)).toMatch(
        /Its end is no whole/,
      );
    expect(inspect(lines.trimEnd().slice(0, -140), 'tested')).toEqual({ count: 239, refused: 0 });
  });

  test('may have ten bad sets or one in twenty, which are left out, and not more', () => {
    const bad = (count: number, sets: number) => {
      const all = lines.split('\n').slice(0, 2 * sets);
      // A digit that makes the checksum wrong, in the last sets too.
      for (let index = 0; index < count; index++) {
        const line = all.at(-1 - 2 * index)!;
        all[all.length - 1 - 2 * index] = `${line.slice(0, 68)}${(Number(line[68]) + 1) % 10}`;
      }
      return inspect(all.join('\n'), 'tested');
    };
    expect(bad(1, 2)).toEqual({
      count: 1,
      refused: 1,
      first: expect.stringMatching(/tested, line 3: .*checksum/),
    });
    expect(bad(10, 30).flaw).toBeUndefined();
    expect(bad(11, 30).flaw).toMatch(
      /^11 of its element sets cannot be read\. The first: tested, line \d+: /,
    );
    expect(bad(12, 240).flaw).toBeUndefined();
    expect(bad(13, 240).flaw).toMatch(/^13 of its/);
    expect(bad(2, 2).flaw).toMatch(/^It holds no element set/);
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
