import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Fault } from './faults.ts';

/** Where OpenFaaS puts secrets; NIGHTSHIFT_SECRETS names another folder. */
export const defaultSecretsFolder = '/var/openfaas/secrets';

/** A file is looked at once a second at most: a rotated secret is used within that, at no cost a request. */
const lookAgainMs = 1000;

export interface Secrets {
  /** The secret's text without its last line end, or undefined where no file was ever there. */
  read(variable: string): string | undefined;
  /** Every secret's text that this process has seen, those of before a change too: none of them may be logged. */
  readonly seen: ReadonlySet<string>;
  /** Declares a value that did not come from a file (a variable marked secret) as one that may not be logged. */
  conceal(value: string): void;
}

/** `NOTIFICATION_SECRET` -> `notification-secret`: Kubernetes and faas-cli allow no upper case and no underscore. */
export const secretFileName = (variable: string): string => variable.toLowerCase().replaceAll('_', '-');

/**
 * Reads secrets from files of a folder, one a variable. A file that changes is read again; one that vanishes leaves
 * its last value, so that a rotation in two steps never takes a running service down.
 * @throws Fault NS_CONFIGURATION for a file that is there and cannot be read.
 */
export function openSecrets(folder: string): Secrets {
  const files = new Map<string, { text: string | undefined; version: string; lookedMs: number }>();
  const seen = new Set<string>();
  const look = (path: string, known: string | undefined): { text: string | undefined; version: string } => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return { text: known, version: '' };
    try {
      const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (text !== '') seen.add(text);
      return { text, version: `${stat.ino}:${stat.mtimeMs}:${stat.size}` };
    } catch (cause) {
      if (known !== undefined) return { text: known, version: '' };
      throw new Fault(
        'NS_CONFIGURATION',
        `The secret file ${path} is there and cannot be read: make it readable for this user (uid ${process.getuid?.()}).`,
        { cause },
      );
    }
  };
  return {
    seen,
    conceal: (value) => {
      if (value !== '') seen.add(value);
    },
    read(variable) {
      const now = performance.now();
      const known = files.get(variable);
      if (known && now - known.lookedMs < lookAgainMs) return known.text;
      const found = look(join(folder, secretFileName(variable)), known?.text);
      files.set(variable, { ...found, lookedMs: now });
      return found.text;
    },
  };
}
