import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

// Dependencies point one way (design in docs/architecture.md): functions -> {domain, ports, wiring, sdk};
// wiring -> drivers -> ports -> domain. Every import of every source is held to the rule of its room.

const root = join(import.meta.dirname, '..');

interface Import {
  /** Path from the project's root without extension changes, `sdk`, `node:...`, or a package's name. */
  readonly to: string;
  /** `type`: gone when it runs. `dynamic`: `await import(...)`, loaded when it is needed. */
  readonly kind: 'static' | 'type' | 'dynamic';
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

function importsOf(path: string, text: string): Import[] {
  const found = text.matchAll(
    /(?:^|[;\n])\s*(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]\s*\)/g,
  );
  return [...found].map(([, type, from, bare, dynamic]) => ({
    to: target(path, from ?? bare ?? dynamic),
    kind: dynamic !== undefined ? 'dynamic' : type ? 'type' : 'static',
  }));
}

function target(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier);
  if (specifier.startsWith('#shared/')) return specifier.slice(1);
  if (/^openfaas-sdk-ts(\/|$)/.test(specifier)) return 'sdk';
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const sources: readonly Source[] = ['functions', 'shared', 'cli', 'templates'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules') && !path.endsWith('.as.ts'))
    .map((path) => {
      const text = withoutComments(readFileSync(join(root, folder, path), 'utf8'));
      return { path: join(folder, path), text, imports: importsOf(join(folder, path), text) };
    }),
);

interface Rule {
  readonly room: RegExp;
  /** What a source of the room may import; `$1` is what the room's pattern caught. */
  readonly may: readonly string[];
  /** What it may import as types or by `await import(...)` only, so that a bundle carries no client that it does not open. */
  readonly lazily?: readonly string[];
}

/** The first rule whose room has the file holds. */
const rules: readonly Rule[] = [
  {
    room: /^shared\/domain\//,
    may: [
      'shared/domain/',
      'shared/schemas/',
      'avsc',
      'kdbush',
      'flatbush',
      'satellite.js',
      'node:zlib',
      'node:crypto',
    ],
  },
  { room: /^shared\/schemas\//, may: ['shared/schemas/'] },
  { room: /^shared\/ports\//, may: ['shared/ports/', 'shared/domain/', 'sdk'] },
  {
    room: /^shared\/openfaas-sdk-ts\//,
    may: ['shared/openfaas-sdk-ts/', 'hono', '@hono/node-server', 'pino', 'prom-client', 'zod', 'node:'],
  },
  {
    room: /^shared\/drivers\/redis\//,
    may: ['shared/drivers/', 'shared/ports/', 'shared/domain/', 'sdk', 'node:', 'ioredis'],
  },
  {
    room: /^shared\/drivers\/kafka\//,
    may: [
      'shared/drivers/',
      'shared/ports/',
      'shared/domain/',
      'sdk',
      'node:',
      'kafkajs',
      '@platformatic/kafka',
    ],
  },
  {
    room: /^shared\/drivers\/s3\//,
    may: ['shared/drivers/', 'shared/ports/', 'shared/domain/', 'sdk', 'node:', '@aws-sdk/'],
  },
  {
    room: /^shared\/drivers\//,
    may: ['shared/drivers/', 'shared/ports/', 'shared/domain/', 'shared/schemas/', 'sdk', 'node:', 'zod'],
  },
  {
    room: /^shared\/wiring\//,
    may: ['shared/wiring/', 'shared/ports/', 'shared/domain/', 'sdk', 'node:', 'yaml', 'zod'],
    lazily: ['shared/drivers/', 'shared/schemas/'],
  },
  {
    room: /^functions\/([^/]+)\//,
    may: [
      'functions/$1/',
      'shared/domain/',
      'shared/ports/',
      'shared/wiring/',
      'shared/schemas/',
      'sdk',
      'hono',
      'prom-client',
      'zod',
      'node:',
    ],
    // The type of a logger.
    lazily: ['pino'],
  },
  {
    room: /^cli\/simulator\//,
    // The telescope is an oracle of the pipeline: of its code it shares the formats of files, the sky and the names.
    may: [
      'cli/simulator/',
      'shared/domain/fits/',
      'shared/domain/sky/',
      'shared/domain/ids/',
      // Confluent framing of nextVisit, five bytes before Avro.
      'shared/domain/alert/wire.ts',
      'shared/ports/',
      'shared/schemas/events/',
      'sdk',
      'avsc',
      'satellite.js',
      'node:',
    ],
  },
  {
    room: /^cli\//,
    may: [
      'cli/',
      'functions/',
      'shared/domain/',
      'shared/ports/',
      'shared/wiring/',
      'shared/schemas/',
      'sdk',
      'node:',
      'commander',
      'esbuild',
      'hono',
      '@hono/node-server',
      'pino',
      'preact',
      'prom-client',
      'uplot',
      'yaml',
      'zod',
    ],
    // Delivers the embedded bucket's created events, as a site's Ceph does by itself: no port, and so no wiring.
    lazily: ['shared/drivers/fs/created-events.ts'],
  },
  {
    room: /^templates\//,
    may: ['templates/', 'sdk', 'node:', 'assemblyscript', 'esbuild', 'yaml'],
    lazily: ['functions/'],
  },
];

function offences({ path, imports }: Source): string[] {
  const rule = rules.find(({ room }) => room.test(path));
  if (!rule) return [`${path} is in no room that this test knows`];
  const room = rule.room.exec(path)?.[1] ?? '';
  const covers = (allowed: readonly string[], to: string) =>
    allowed.some((each) => {
      const prefix = each.replace('$1', room);
      return /[/:]$/.test(prefix) ? to.startsWith(prefix) : to === prefix;
    });
  return imports
    .filter(({ to, kind }) => !covers(rule.may, to) && (kind === 'static' || !covers(rule.lazily ?? [], to)))
    .map(({ to, kind }) => `${path} imports ${to} (${kind})`);
}

test('finds the sources and what they import', () => {
  const example = [
    "import type { A } from '../b/a.ts';",
    "import {\n  c,\n  d,\n} from '#shared/ports/c.ts';",
    "export * from 'openfaas-sdk-ts/faults.ts';",
    "const e = await import('@aws-sdk/client-s3/x');",
    "import 'node:fs';",
    "// import x from 'nowhere';",
  ].join('\n');
  expect(importsOf('shared/domain/x/y.ts', withoutComments(example)).map(({ to }) => to)).toEqual([
    'shared/domain/b/a.ts',
    'shared/ports/c.ts',
    'sdk',
    '@aws-sdk/client-s3',
    'node:fs',
  ]);
  expect(sources.length).toBeGreaterThan(50);
});

test('a forbidden import would be seen', () => {
  const source = (path: string, text: string) => offences({ path, text, imports: importsOf(path, text) });
  expect(
    source('functions/presence/handler.ts', "import { x } from '#shared/drivers/redis/arrivals.ts';"),
  ).toHaveLength(1);
  expect(source('functions/presence/handler.ts', "import { x } from '../enqueue/core.ts';")).toHaveLength(1);
  expect(
    source('shared/wiring/arrivals.ts', "import { x } from '../drivers/redis/arrivals.ts';"),
  ).toHaveLength(1);
  expect(source('shared/wiring/arrivals.ts', "await import('../drivers/redis/arrivals.ts');")).toEqual([]);
  expect(
    source('shared/wiring/arrivals.ts', "import type { X } from '../drivers/redis/arrivals.ts';"),
  ).toEqual([]);
  expect(source('shared/domain/sky/wcs.ts', "import { x } from 'node:fs';")).toHaveLength(1);
  expect(source('cli/simulator/noise.ts', "import { x } from '#shared/domain/image/psf.ts';")).toHaveLength(
    1,
  );
  expect(source('shared/openfaas-sdk-ts/log.ts', "import { x } from '../ports/arrivals.ts';")).toHaveLength(
    1,
  );
});

describe('imports', () => {
  for (const room of [
    'functions',
    'shared/domain',
    'shared/schemas',
    'shared/ports',
    'shared/drivers',
    'shared/wiring',
    'shared/openfaas-sdk-ts',
    'cli',
    'templates',
  ]) {
    test(`of ${room} point the right way`, () => {
      expect(sources.filter(({ path }) => path.startsWith(`${room}/`)).flatMap(offences)).toEqual([]);
    });
  }
});

test('the domain knows no clock, no chance, no environment and no output', () => {
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.(?!stdout)|\bperformance\.|\bconsole\.|\bfetch\(|\bset(Timeout|Interval|Immediate)\b/;
  const found = sources
    .filter(({ path }) => path.startsWith('shared/domain/'))
    .flatMap(({ path, text }) => {
      const match = impure.exec(text);
      return match ? [`${path} uses ${match[0]}`] : [];
    });
  expect(found).toEqual([]);
});
