import { hash } from 'node:crypto';
import { Fault } from 'openfaas-sdk-ts';
import type { MjdUtc } from '../../domain/time/scales.ts';
import { type ElementSource, longestElementText } from '../../ports/element-source.ts';
import type { ObjectFacts, ObjectStore } from '../../ports/object-store.ts';
import { byCloseness } from '../element-files.ts';

/** The newest object below a prefix, or the one nearest to a past date; conditional by its ETag. It closes the store with itself. */
export function bucketElementSource(options: {
  name: string;
  store: ObjectStore;
  prefix: string;
}): ElementSource {
  const { name, store, prefix } = options;
  const unavailable = (why: string) =>
    new Fault('NS_DEPENDENCY_UNAVAILABLE', `The source ${name} cannot be read: ${why}.`, {
      dependency: name,
    });
  return {
    async fetch({ validator, near, signal }) {
      const newest = await closestBelow(store, prefix, { near, signal });
      if (!newest) return { kind: 'nothing' };
      const current = hash('sha256', `${newest.key} ${newest.eTag}`).slice(0, 32);
      if (current === validator) return { kind: 'unchanged' };
      if (newest.size > longestElementText)
        throw unavailable(`its object has ${newest.size} bytes, more than the ${longestElementText} allowed`);
      const bytes = await store.get(newest.key, { signal });
      if (!bytes) throw unavailable('its newest object was deleted while it was read');
      return { kind: 'new', bytes, validator: current };
    },
    close: () => store.close(),
  };
}

async function closestBelow(
  store: ObjectStore,
  prefix: string,
  { near, signal }: { near?: MjdUtc; signal?: AbortSignal },
): Promise<ObjectFacts | undefined> {
  let closest: ObjectFacts | undefined;
  for await (const facts of store.list(prefix, { signal }))
    if (!closest || byCloseness(facts, closest, near) <= 0) closest = facts;
  return closest;
}
