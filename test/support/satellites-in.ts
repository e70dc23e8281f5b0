import type { Satellite } from '#shared/domain/satellites/element-set.ts';
import { satellitesOf } from '#shared/domain/satellites/snapshot-part.ts';

/** The satellites of a part of a snapshot that is to have so many, all steps at once. */
export function satellitesIn(text: string, count: number, isPrivate = false): Satellite[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const steps = satellitesOf('s', [{ lines, count, isPrivate }]);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
