import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  parseSources,
  type SourceDeclaration,
  type WrittenSource,
} from '#shared/wiring/element-source-file.ts';

/** Sources of a command's options: a URL, a folder or a file each. @throws Error for a place that is not there. */
export function givenSources(
  open: readonly string[] = [],
  hidden: readonly string[] = [],
): SourceDeclaration[] {
  const places = [
    ...open.map((place) => ({ place, private: false })),
    ...hidden.map((place) => ({ place, private: true })),
  ];
  if (places.length === 0) return [];
  const taken = new Set<string>();
  const sources = places.map(({ place, private: isPrivate }): WrittenSource => {
    // The name of a private file may be that of a satellite, and a snapshot's entry names its sources.
    const name = freeName(isPrivate ? 'private' : nameOf(place), taken);
    return { name, private: isPrivate, ...placeOf(place) };
  });
  return parseSources({ sources });
}

type Place =
  | { kind: 'http'; url: string }
  | { kind: 'folder'; folder: string }
  | { kind: 'file'; file: string };

function placeOf(place: string): Place {
  if (isUrl(place)) return { kind: 'http', url: place };
  const facts = statSync(place, { throwIfNoEntry: false });
  if (!facts) throw new Error(`There is no file or folder ${place}: give a path that is there, or a URL.`);
  return facts.isDirectory()
    ? { kind: 'folder', folder: resolve(place) }
    : { kind: 'file', file: resolve(place) };
}

const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

/** The file's or host's name in the form of a source's. */
function nameOf(place: string): string {
  const plain = isUrl(place) ? URL.parse(place)?.hostname : basename(resolve(place)).replace(/\.\w+$/, '');
  const name = (plain ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return (
    name
      .replace(/^-+|-+$/g, '')
      .slice(0, 36)
      .replace(/-+$/, '') || 'source'
  );
}

/** The name, numbered where it is taken. */
function freeName(name: string, taken: Set<string>, number = 1): string {
  const numbered = number === 1 ? name : `${name}-${number}`;
  if (taken.has(numbered)) return freeName(name, taken, number + 1);
  taken.add(numbered);
  return numbered;
}
