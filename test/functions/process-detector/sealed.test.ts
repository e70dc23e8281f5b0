import { describe, expect, test } from 'vitest';
import { sealedKey } from '../../../functions/process-detector/measured.ts';
import { measuredOf as sealedOf, sealMeasured } from '../../../functions/process-detector/sealed.ts';
import { announced, measuredOf, openRoom, sourceOf } from './room.ts';

describe('what is measured', () => {
  test('is sealed, and an attempt that was overtaken meanwhile leaves nothing behind', async () => {
    const { room } = await openRoom('http://127.0.0.1:1');
    const slow = await announced(room, 1, 'claimed');
    const { visit, detector, slot } = slow.claim!;
    const again = { visit, detector, slot, owner: 'another', changedMs: 1 };
    const next = { ...slow, claim: await room.ports.sources.claim(again) };
    const measured = measuredOf([sourceOf(1)]);
    const after = await sealMeasured(next, room, measured);
    await expect(sealMeasured(slow, room, measuredOf([sourceOf(2)]))).rejects.toMatchObject({
      code: 'NS_LEASE_LOST',
    });
    const sealed = await Array.fromAsync(room.ports.products.list('sealed/'));
    expect(sealed.map(({ key }) => key)).toEqual([sealedKey(next.claim, 2)]);
    expect(await sealedOf(after, room)).toEqual(measured);
  });
});
