import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { parseIso } from '#shared/domain/time/scales.ts';

// What commander calls to turn the text of an option into its value.

export function finite(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

export function notNegative(text: string): number {
  const value = finite(text);
  if (value < 0) throw new InvalidArgumentError('Give a number of at least 0.');
  return value;
}

export function positive(text: string): number {
  const value = finite(text);
  if (value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

export function isoTime(text: string): string {
  try {
    parseIso(text);
  } catch {
    throw new InvalidArgumentError('Give a time like 2018-08-04T09:23:31.');
  }
  return text;
}

/** Threads for one image; more than there are cores would only wait for each other. */
export function threads(text: string): number {
  const most = availableParallelism();
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}, the cores of this machine.`);
  return value;
}

/** Collects the values of an option that may be given several times. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
