import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LedgerEntry, ledgerRecord, parseLedgerEntry } from '#shared/domain/ledger/entry.ts';
import { foldLedger } from '#shared/domain/ledger/fold.ts';

const slot = 'SimCam/2026-03-05T01%3A02%3A03.456/4';
const visit = 2026030500001n;
const base = { slot, detector: 4, attempt: 1, timeMs: 1 };
const night: LedgerEntry[] = [
  { ...base, step: 'wanted' },
  { ...base, step: 'arrived', visit },
  { ...base, step: 'claimed', visit },
  { ...base, step: 'written', visit, counts: { alerts: 3 } },
  { ...base, step: 'done', visit },
  { ...base, step: 'published', visit, counts: { alerts: 3 } },
  { step: 'archived', visit, detector: 4, attempt: 1, timeMs: 2, counters: [1, 2] },
  { step: 'archived', visit, detector: 4, attempt: 1, timeMs: 2, counters: [5] },
];

test('a visit id above 2^53 survives the record', () => {
  const entry: LedgerEntry = { ...base, step: 'claimed', visit: 9007199254740993n };
  expect(parseLedgerEntry(ledgerRecord(entry).value)).toEqual(entry);
});

test('entries of the archive, which know no slot, join the slot that claimed the visit', () => {
  const accounts = foldLedger(night);
  expect(accounts).toHaveLength(1);
  expect(accounts[0]).toMatchObject({
    slot,
    visit,
    state: 'archived',
    alerts: { written: 3, published: 3, archived: 3 },
  });
});

test('entries that come again after a kill, in any number, change nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(night.length - 1)), (again) => {
      expect(foldLedger([...night, ...again.map((index) => night[index]!)])).toEqual(foldLedger(night));
    }),
  );
});

test('a slot that never gets a raw says expired, with its reason', () => {
  const [account] = foldLedger([night[0]!, { ...base, step: 'expired', cause: 'no raw within 190 s' }]);
  expect(account).toMatchObject({ state: 'expired', cause: 'no raw within 190 s' });
});

test('what is no entry is refused with its text', () => {
  expect(() => parseLedgerEntry('{"step":"sung","detector":1}')).toThrow('Not a ledger entry');
});
