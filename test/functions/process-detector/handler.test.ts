import { describe, expect, test } from 'vitest';
import { ledgerTopic } from '#shared/domain/ledger/entry.ts';
import { streamFields } from '#shared/domain/visit/next-visit.ts';
import { logReader } from '#shared/wiring/log-reader.ts';
import { allRecords } from '../../../cli/all-records.ts';
import processDetector from '../../../functions/process-detector/handler.ts';
import { measuredFacts, measuredOf, openRoom, sourceOf } from './room.ts';

describe('a slot that comes again', () => {
  test('after it was withheld is erased and noted, if a kill kept that from being done', async () => {
    const { room, open } = await openRoom('http://127.0.0.1:1');
    const facts = await measuredFacts(room, measuredOf([sourceOf(1)]));
    await room.ports.sources.advance(facts.claim!, 'withheld', Date.now());
    const fields = streamFields(facts.request, facts.request.detector);
    const unit = { id: '1', item: facts.slotText, fields, attempt: 1 };
    for (let again = 0; again < 2; again++)
      expect(await processDetector.stream?.handle(unit, room)).toEqual({ kind: 'done' });
    expect(await Array.fromAsync(room.ports.products.list('sealed/'))).toEqual([]);
    const ledger = await Array.fromAsync(allRecords(await open(logReader('prompt')), ledgerTopic));
    expect(new Set(ledger.map(({ key }) => Buffer.from(key ?? '').toString()))).toEqual(
      new Set([`${facts.slotText}/withheld`]),
    );
  });
});
