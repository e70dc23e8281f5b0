import type { ObjectFacts, ObjectStore } from '#shared/ports/object-store.ts';

/** Where a sweep through the bucket's day folders is: one page a tick, from the first folder again after the last. */
export interface Sweep {
  folder: number;
  after?: string;
}

/** The next objects of the folders, at most `limit`; moves the sweep on. */
export async function nextPage(
  sweep: Sweep,
  folders: readonly string[],
  limit: number,
  { raw, signal }: { raw: ObjectStore; signal: AbortSignal },
): Promise<ObjectFacts[]> {
  const page: ObjectFacts[] = [];
  if (sweep.folder >= folders.length) Object.assign(sweep, { folder: 0, after: undefined });
  for (
    ;
    sweep.folder < folders.length;
    Object.assign(sweep, { folder: sweep.folder + 1, after: undefined })
  ) {
    for await (const object of raw.list(folders[sweep.folder], { after: sweep.after, signal })) {
      page.push(object);
      sweep.after = object.key;
      if (page.length >= limit) return page;
    }
  }
  return page;
}
