/**
 * Every way in which an embedded driver and its real counterpart do not behave the same, though both keep the
 * port's contract. Tests that assert a side of one carry its name in their title; docs/delivery.md names each.
 */
export const differences = {
  'log-id-uniqueness': {
    port: 'log-writer',
    embedded: 'A second record with the same `id` header on a topic is answered `duplicate` and not stored.',
    real: 'Kafka stores it; alert-publish reads back before it repeats, and consumers dedupe on diaSourceId.',
  },
  'log-retention': {
    port: 'log-reader',
    embedded: 'Nothing is ever deleted or compacted: `begin` of every partition is 0.',
    real: 'The topic decides (retention, compaction), and `begin` moves.',
  },
  'log-begin-at-latest': {
    port: 'log-reader',
    embedded:
      'A group that begins at the latest keeps that place for all partitions from its first moment on.',
    real: 'On Kafka the place is the end when the first member has joined and gets the partition.',
  },
  'object-refused-put-event': {
    port: 'object-store',
    embedded: 'A conditional put that is refused causes no created event.',
    real: 'Ceph RGW 16 sends one all the same, with the size and eTag of the refused bytes.',
  },
  'stream-groups': {
    port: 'work-stream',
    embedded: 'An entry belongs to the group that it was appended for; another group does not see it.',
    real: 'Redis shows every entry of a stream to each of its groups.',
  },
} as const;

export type Difference = keyof typeof differences;
