import { describe, expect, it } from 'vitest';
import { FitsError, type Header } from '#shared/domain/fits/header.ts';
import { arrayAt, numberAt, openTable } from '#shared/domain/fits/heap.ts';

const header = (rowLength: number, forms: readonly string[], more: Header = []): Header => [
  { keyword: 'NAXIS1', value: rowLength },
  { keyword: 'NAXIS2', value: 1 },
  { keyword: 'TFIELDS', value: forms.length },
  ...forms.flatMap((form, k) => [
    { keyword: `TFORM${k + 1}`, value: form },
    { keyword: `TTYPE${k + 1}`, value: `c${k + 1}` },
  ]),
  ...more,
];

/** One row of four numbers, a P and a Q descriptor, then a heap of 20 bytes. */
function table() {
  const data = new DataView(new ArrayBuffer(43 + 20));
  data.setUint8(0, 200);
  data.setInt16(1, -2);
  data.setInt32(3, -70_000);
  data.setFloat64(11, 0.25);
  data.setInt32(19, 5);
  data.setInt32(23, 4);
  data.setBigInt64(27, 3n);
  data.setBigInt64(35, 8n);
  return data;
}
const forms = ['B', '1I ', '1J', '4A', 'D', '1PB(5)', '1QI(3)', '0PB'];

describe('a binary table', () => {
  it('finds columns by name, whatever the case, and reads numbers', () => {
    const open = openTable(header(43, forms), table());
    expect([1, 2, 3, 5].map((k) => numberAt(open, `C${k}`, 0))).toEqual([200, -2, -70_000, 0.25]);
    expect(numberAt(open, 'NONE', 0)).toBeUndefined();
    expect(() => numberAt(open, 'C4', 0)).toThrow('Column C4 has type A and must hold one number a row.');
  });

  it('finds variable-length arrays of 32 and 64 bits', () => {
    const open = openTable(header(43, forms), table());
    expect(arrayAt(open, 'C6', 0)).toEqual({ start: 47, length: 5 });
    expect(arrayAt(open, 'C7', 0)).toEqual({ start: 51, length: 6 });
    expect(arrayAt(open, 'C8', 0)).toBeUndefined();
    expect(() => arrayAt(open, 'C1', 0)).toThrow('Column C1 has type B and must hold variable-length arrays');
  });

  it.each([
    [19, -1, 'says -1 elements at 4'],
    [19, 17, 'says 17 elements at 4 of a heap of 20 bytes: it lies outside.'],
    [23, -4, 'says 5 elements at -4'],
    [23, 0x7fffffff, 'it lies outside'],
  ])('refuses a descriptor that leaves the heap: %i = %i', (at, value, message) => {
    const data = table();
    data.setInt32(at, value);
    const open = openTable(header(43, forms), data);
    expect(() => arrayAt(open, 'C6', 0)).toThrow(message);
    expect(() => arrayAt(open, 'C6', 0)).toThrow(FitsError);
  });

  it('starts the heap where THEAP says, which must be behind the rows', () => {
    const withHeap = (value: number) => header(43, forms, [{ keyword: 'THEAP', value }]);
    expect(arrayAt(openTable(withHeap(50), table()), 'C6', 0)).toEqual({ start: 54, length: 5 });
    for (const value of [42, 64])
      expect(() => openTable(withHeap(value), table())).toThrow(`THEAP is ${value}`);
  });

  it.each([
    [header(42, forms), 'The columns take 43 bytes and NAXIS1 is 42.'],
    [header(4, ['1Y']), "TFORM1 is '1Y', which is no format of a binary table's column."],
    [header(4, []), 'The columns take 0 bytes'],
    [header(64, ['64A']), 'NAXIS1 is 64 and must be an integer from 0 to 63.'],
  ])('refuses columns that do not make the row: case %#', (wrong, message) => {
    expect(() => openTable(wrong, table())).toThrow(message);
  });
});
