/** Names of a bucket's lists: paths that wait to be ingested (the original's key), and messages for the summit. */
export const queueList = (bucket: string): string => `QUEUE:${bucket}`;
export const webhookList = (bucket: string): string => `WEBHOOK:${bucket}`;
