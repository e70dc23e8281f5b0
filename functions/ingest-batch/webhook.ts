import { done, type Outcome, type QueueUnit, retry } from 'openfaas-sdk-ts';
import { parseObjectPath } from '#shared/domain/ids/object-key.ts';
import type { QueueItem } from '#shared/ports/work-queue.ts';
import type { RawFile } from './core.ts';

// The summit is told of what is ingested by WEBHOOK_URI. What it is to be told stands in a list of its own beside the
// bucket's, so that it survives us and a summit that does not answer holds nothing up: at least once, tried again for
// some hours, then set aside.

/** The original's time-out. */
const timeoutMs = 500;
/** Longest pause between two tries. */
const longestPauseSeconds = 300;

/** One message an exposure: items are the bodies as they will be sent, `{"exp_id": ..., "filenames": [...]}`. */
export function webhookItems(files: readonly RawFile[]): QueueItem[] {
  const byExposure = Map.groupBy(files, ({ record }) => record.exposure.obs_id);
  return [...byExposure].map(([exp_id, group]) => {
    const filenames = group.map(({ unit }) => parseObjectPath(unit.item).filename).sort();
    return { item: JSON.stringify({ exp_id, filenames }) };
  });
}

/** Whether a unit is a message for the summit: a path does not begin like JSON. */
export const isWebhook = ({ item }: QueueUnit): boolean => item.startsWith('{');

/** Sends one message. */
export async function sendWebhook({ item, attempt }: QueueUnit, uri: string): Promise<Outcome> {
  const later = (why: string) =>
    retry(Math.min(longestPauseSeconds, 2 ** attempt), `the summit's webhook ${uri} ${why}`);
  try {
    const answer = await fetch(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: item,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    return answer.ok ? done : later(`answered ${answer.status}`);
  } catch (error) {
    return later(`does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}
