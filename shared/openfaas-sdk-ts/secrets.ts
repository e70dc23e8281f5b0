import { readFileSync } from 'node:fs';
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
  /** Every secret that this process has seen, those of before a change too: none of them may be logged. */
  readonly seen: ReadonlySet<string>;
  /** Declares a value that did not come from a file (a variable marked secret) as one that may not be logged. */
  conceal(value: string): void;
}

/** A shorter text stands in every second line of a log, and is no secret. */
const shortestConcealed = 4;

/** `NOTIFICATION_SECRET` -> `notification-secret`: Kubernetes and faas-cli allow no upper case and no underscore. */
export const secretFileName = (variable: string): string => variable.toLowerCase().replaceAll('_', '-');

/**
 * Reads secrets from files of a folder, one a variable. A file that changes is read again; one that vanishes leaves
 * its last value, so that a rotation in two steps never takes a running service down.
 * @throws Fault NS_CONFIGURATION for a file that is there and cannot be read.
 */
export function openSecrets(folder: string): Secrets {
  const files = new Map<string, { text: string | undefined; lookedMs: number }>();
  const seen = new Set<string>();
  const conceal = (text: string) => {
    if (text.length >= shortestConcealed) seen.add(text);
  };
  return {
    seen,
    conceal,
    read(variable) {
      const now = performance.now();
      const known = files.get(variable);
      if (known && now - known.lookedMs < lookAgainMs) return known.text;
      const text = readSecret(join(folder, secretFileName(variable)), known?.text);
      if (text !== undefined) conceal(text);
      files.set(variable, { text, lookedMs: now });
      return text;
    },
  };
}

function readSecret(path: string, known: string | undefined): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (known !== undefined || code === 'ENOENT' || code === 'ENOTDIR') return known;
    throw new Fault(
      'NS_CONFIGURATION',
      `The secret file ${path} is there and cannot be read: make it readable for this user (uid ${process.getuid?.()}).`,
      { cause },
    );
  }
}
