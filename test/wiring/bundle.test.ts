import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const clients = ['ioredis', 'kafkajs', '@platformatic/kafka', '@aws-sdk/client-s3', 'cassandra-driver', 'pg'];

/** Clients that a bundle carries which names one wiring. */
async function clientsWith(wiring: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export * from './shared/wiring/${wiring}.ts';`, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return clients.filter((client) =>
    imported.some((path) => path === client || path.startsWith(`${client}/`)),
  );
}

const carried: Record<string, string[]> = {
  'work-queue': ['ioredis'],
  'work-stream': ['ioredis'],
  arrivals: ['ioredis'],
  leases: ['ioredis'],
  'log-reader': ['kafkajs', '@platformatic/kafka'],
  'log-writer': ['@platformatic/kafka'],
  'object-store': ['@aws-sdk/client-s3'],
  'source-store': [],
  butler: [],
  'element-sources': ['@aws-sdk/client-s3'],
  'schema-registry': [],
  presence: [],
  'satellite-gate': [],
  seal: [],
};

for (const [wiring, expected] of Object.entries(carried)) {
  test(`a bundle with ${wiring} carries ${expected.join(', ') || 'no client'}, and no other client`, async () => {
    expect(await clientsWith(wiring)).toEqual(expected);
  });
}
