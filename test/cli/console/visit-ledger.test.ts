import { describe, expect, it } from 'vitest';
import { type LedgerEntry, ledgerRecord } from '#shared/domain/ledger/entry.ts';
import { latenciesOf, visitLedger } from '../../../cli/console/visit-ledger.ts';
import { entriesOf, groupOf, type MadeDetector, nightBeginMs, visitOf } from '../../support/console-night.ts';

function told(entries: readonly LedgerEntry[], ledger = visitLedger()) {
  for (const entry of entries) ledger.add(ledgerRecord(entry).key, entry);
  ledger.settle();
  return ledger;
}

const detectors = (...made: readonly MadeDetector[]): LedgerEntry[] => made.flatMap(entriesOf);

describe('visits of the ledger', () => {
  it('stand where their detectors stand', () => {
    const ledger = told(
      detectors(
        { index: 0, detector: 0, until: 'archived' },
        { index: 0, detector: 1, until: 'published' },
        { index: 0, detector: 2, until: 'measured' },
        { index: 0, detector: 3, until: 'arrived' },
        { index: 0, detector: 4, until: 'wanted' },
        { index: 0, detector: 5, until: 'refused', cause: 'too few stars' },
        { index: 0, detector: 6, until: 'expired' },
        { index: 0, detector: 7, until: 'withheld' },
      ),
    );
    expect(ledger.visits()).toMatchObject([
      {
        group: groupOf(0),
        visit: visitOf(0).toString(),
        instrument: 'SimCam',
        published: 4,
        archived: 2,
        detectors: {
          archived: [0],
          published: [1],
          working: [2],
          arrived: [3],
          wanted: [4],
          refused: [5],
          expired: [6],
          withheld: [7],
        },
      },
    ]);
    expect(ledger.details(groupOf(0))?.accounts[5]).toMatchObject({
      cause: 'too few stars',
      standing: 'refused',
    });
    expect(ledger.details(visitOf(0).toString())).toEqual(ledger.details(groupOf(0)));
    expect(ledger.details('nothing')).toBeUndefined();
  });

  it('have a detector without alerts archived as soon as that is published', () => {
    const ledger = told(detectors({ index: 0, detector: 0, until: 'published', alerts: 0 }));
    expect(ledger.visits()[0].detectors).toEqual({ archived: [0] });
  });

  it('wait for the gate from when they are measured until they are gated', () => {
    const ledger = told(
      detectors(
        { index: 0, detector: 0, until: 'measured' },
        { index: 1, detector: 0, until: 'measured' },
        { index: 1, detector: 1, until: 'gated' },
        { index: 1, detector: 2, until: 'claimed' },
        { index: 1, detector: 3, until: 'withheld' },
      ),
    );
    // The first one was measured 70 s after its visit was announced.
    const measuredMs = nightBeginMs + 70_000;
    expect(ledger.waiting(measuredMs + 125_000)).toEqual({ detectors: 2, seconds: 120 });
    expect(ledger.waiting(measuredMs - 1)).toEqual({ detectors: 2, seconds: 0 });
    expect(told([]).waiting(measuredMs)).toEqual({ detectors: 0, seconds: 0 });
  });

  it('are the same in any order of entries, and when entries come again', () => {
    const entries = detectors(
      { index: 0, detector: 0, until: 'archived' },
      { index: 1, detector: 0, until: 'archived' },
    );
    const expected = told(entries);
    const other = told([...entries].reverse());
    told(entries, other);
    expect(other.visits()).toEqual(expected.visits());
    expect(other.totals()).toEqual(expected.totals());
    expect(expected.totals()).toMatchObject({ visits: 2, detectorVisits: 2, published: 4, archived: 4 });
  });

  it('count satellites and trails that the gate took away', () => {
    const ledger = told(
      detectors({ index: 0, detector: 1, until: 'gated' }, { index: 0, detector: 2, until: 'done' }),
    );
    expect(ledger.totals()).toMatchObject({ satellites: 3, trails: 1 });
  });

  it('have a latency when nothing is at work any more: from the last raw to the last alert', () => {
    const working = detectors(
      { index: 0, detector: 0, until: 'archived', delay: 10 },
      { index: 0, detector: 1, until: 'announced' },
    );
    const ledger = told(working);
    expect(latenciesOf(ledger.visits())).toEqual([]);
    told(detectors({ index: 0, detector: 1, until: 'published' }), ledger);
    // Published 74 + 10 s after the announcement, the last raw (of detector 1) at 62.037 s.
    expect(latenciesOf(ledger.visits())).toEqual([
      { group: groupOf(0), visit: visitOf(0).toString(), seconds: 21.963 },
    ]);
  });

  it('are forgotten when they are old, but for their totals', () => {
    const night = Array.from({ length: 5 }, (_, index) =>
      entriesOf({ index, detector: 0, until: 'archived' }),
    );
    const ledger = told(night.flat(), visitLedger({ keep: 2 }));
    expect(ledger.visits().map(({ group }) => group)).toEqual([groupOf(3), groupOf(4)]);
    expect(ledger.totals()).toEqual(told(night.flat()).totals());
    told(night[0], ledger);
    expect(ledger.totals()).toEqual(told(night.flat()).totals());
    expect(ledger.visits()).toHaveLength(2);
  });
});
