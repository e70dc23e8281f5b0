import { hash } from 'node:crypto';
import { Fault } from 'openfaas-sdk-ts';
import { type ElementSource, longestElementText } from '../../ports/element-source.ts';
import type { ObjectFacts, ObjectStore } from '../../ports/object-store.ts';

/** The newest object below a prefix; conditional by its ETag. It closes the store with itself. */
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
    async fetch({ validator, signal }) {
      const newest = await newestBelow(store, prefix, signal);
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

async function newestBelow(
  store: ObjectStore,
  prefix: string,
  signal?: AbortSignal,
): Promise<ObjectFacts | undefined> {
  let newest: ObjectFacts | undefined;
  for await (const facts of store.list(prefix, { signal }))
    if (!newest || facts.modifiedMs >= newest.modifiedMs) newest = facts;
  return newest;
}
