import { expect, it } from 'vitest';
import { jsonText } from '#shared/domain/json/text.ts';
import { someId, someSource } from '../../support/alert-rows.ts';

it('keeps ids above 2^53 as decimal strings, in rows and in lists of rows', () => {
  const parsed = JSON.parse(jsonText({ sources: [someSource({ ssObjectId: null })] }));
  expect(parsed.sources[0]).toMatchObject({
    diaSourceId: '169760235333878021',
    detector: 130,
    ssObjectId: null,
  });
  expect(BigInt(parsed.sources[0].diaObjectId)).toBe(someId);
});

it('indents where a person reads it', () => {
  expect(jsonText({ id: 1n }, 2)).toBe('{\n  "id": "1"\n}');
});
