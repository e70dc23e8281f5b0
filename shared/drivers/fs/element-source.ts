import { hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from 'openfaas-sdk-ts';
import { type ElementSource, type Fetched, longestElementText } from '../../ports/element-source.ts';
import { byCloseness } from '../element-files.ts';
import { isMissing } from './file-faults.ts';

/** One file; conditional by its modification time and size. */
export function fileElementSource({ name, file }: { name: string; file: string }): ElementSource {
  return {
    async fetch({ validator, signal }) {
      const facts = await stat(file).catch(missing(name, `the file ${file}`));
      if (facts.isDirectory()) throw unavailable(name, `${file} is a folder, not a file`);
      return readIfChanged(name, { path: file, facts }, { validator, signal });
    },
    async close() {},
  };
}

/**
 * The newest file of a folder by modification time, or the one nearest to a past date; those below sub-folders, and hidden ones, do not count. A file that
 * was written to within the last `settledMs` is left alone: it may be half there.
 */
export function folderElementSource(options: {
  name: string;
  folder: string;
  settledMs: number;
}): ElementSource {
  const { name, folder, settledMs } = options;
  return {
    async fetch({ validator, near, signal }) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(
        missing(name, `the folder ${folder}`),
      );
      const paths = entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => join(folder, entry.name));
      const files = await Promise.all(paths.map(async (path) => ({ path, facts: await statIfThere(path) })));
      const newest = files
        .flatMap(({ path, facts }) => (facts ? [{ path, facts, modifiedMs: facts.mtimeMs }] : []))
        .filter(({ modifiedMs }) => modifiedMs <= Date.now() - settledMs)
        .sort((a, b) => byCloseness(a, b, near) || (a.path > b.path ? -1 : 1))
        .at(0);
      if (!newest) return { kind: 'nothing' };
      return readIfChanged(name, newest, { validator, signal });
    },
    async close() {},
  };
}

interface Found {
  readonly path: string;
  readonly facts: Stats;
}

async function readIfChanged(
  name: string,
  { path, facts }: Found,
  { validator, signal }: { validator?: string; signal?: AbortSignal },
): Promise<Fetched> {
  const current = validatorOf(path, facts);
  if (current === validator) return { kind: 'unchanged' };
  if (facts.size > longestElementText)
    throw unavailable(name, `its file has ${facts.size} bytes, more than the ${longestElementText} allowed`);
  signal?.throwIfAborted();
  const bytes = await readFile(path).catch(missing(name, 'its file'));
  if (validatorOf(path, await stat(path).catch(missing(name, 'its file'))) !== current)
    throw unavailable(name, 'its file was written to while it was read; it is read again later');
  return { kind: 'new', bytes, validator: current };
}

/** A digest: the name of a private file is nobody's business either. */
const validatorOf = (path: string, { mtimeMs, size }: Stats): string =>
  hash('sha256', `${path} ${mtimeMs} ${size}`).slice(0, 32);

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const missing = (name: string, what: string) => (cause: unknown) => {
  const why = isMissing(cause)
    ? 'is not there'
    : `cannot be read (${cause instanceof Error ? cause.message : cause})`;
  throw unavailable(name, `${what} ${why}`, cause);
};

const unavailable = (name: string, why: string, cause?: unknown): Fault =>
  new Fault('NS_DEPENDENCY_UNAVAILABLE', `The source ${name} cannot be read: ${why}.`, {
    cause,
    dependency: name,
  });
