/**
 * Largest index.js of each function, kB (1000 bytes): what it has plus about a tenth. A client that a function does not
 * need costs 100 to 600 kB (measured: ioredis 191, kafkajs 270, @platformatic/kafka 586, S3 575, cassandra-driver 382).
 */
export const budgets: Readonly<Record<string, number>> = {
  'alert-publish': 2300,
  'archive-read': 1350,
  'archive-write': 2320,
  enqueue: 1820,
  'ingest-batch': 2190,
  'next-visit-fanout': 1980,
  presence: 860,
  'process-detector': 2780,
  'requeue-idle': 1510,
  'satellite-catalog': 1600,
  'sattle-check': 1250,
};
