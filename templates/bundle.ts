import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { budgets } from './bundle-budgets.ts';
import { kafkaInOneFile, satellitesOneByOne, zodInEnglish } from './bundle-packages.ts';
import { functionNames, root } from './declared-functions.ts';

/** What a bundle is made of; `bytes` is the size of index.js. */
export interface Bundle {
  readonly name: string;
  readonly bytes: number;
  readonly workers: readonly string[];
  readonly metafile: Metafile;
}

// In a CommonJS file import.meta.url does not exist; BUNDLE_FILE also tells startWorker which file to run again.
const banner = `"use strict";const BUNDLE_FILE=__filename;const BUNDLE_URL=require("node:url").pathToFileURL(__filename).href;`;

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  // Clients tell their errors apart by the class's name.
  keepNames: true,
  // `external` would write no sourceMappingURL, and --enable-source-maps would map nothing.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { 'import.meta.url': 'BUNDLE_URL' },
  banner: { js: banner },
  plugins: [kafkaInOneFile, satellitesOneByOne, zodInEnglish],
} as const satisfies BuildOptions;

/**
 * Bundles a handler with the template's entry into one CommonJS file.
 * @param handler path from the project's root, as functions/presence/handler.ts
 * @param outfile path of index.js; its map lies beside it
 */
export async function bundleHandler(name: string, handler: string, outfile: string): Promise<Bundle> {
  const plain = await buildEntry(handler, [], outfile);
  const workers = await workersIn(plain);
  const metafile = workers.length === 0 ? plain : await buildEntry(handler, workers, outfile);
  // Inside this package, whose files are modules, Node would take index.js for one.
  await writeFile(join(dirname(outfile), 'package.json'), '{ "type": "commonjs" }\n');
  const [bytes] = Object.entries(metafile.outputs).flatMap(([path, output]) =>
    path.endsWith('.js') ? [output.bytes] : [],
  );
  return { name, bytes, workers, metafile };
}

async function buildEntry(handler: string, workers: readonly string[], outfile: string): Promise<Metafile> {
  const roles = workers.map(
    (worker) => `${JSON.stringify(worker)}: () => import('./functions/${worker}.ts'),`,
  );
  const contents = `import { enter } from './templates/node-ts/entry.ts';
    enter(() => import('./${handler}'), { ${roles.join('\n')} });`;
  const stdin = { contents, resolveDir: root, sourcefile: 'entry-of-bundle.ts', loader: 'ts' } as const;
  const { metafile } = await build({ ...common, stdin, outfile });
  return metafile;
}

/** Workers that a bundle's sources start: `startWorker<...>('<function>/<file>')`, the name a literal. */
async function workersIn({ inputs }: Metafile): Promise<string[]> {
  const ours = Object.keys(inputs).filter((path) => /^(functions|shared|test)\/.*\.ts$/.test(path));
  const texts = await Promise.all(ours.map((path) => readFile(join(root, path), 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/startWorker(?:<[^(]*>)?\(\s*'([^']+)'/g)].map(([, name]) => name),
  );
  return [...new Set(names)].sort();
}

/** Throws when a bundle is over its budget or has none: a client that slips in is seen here. */
export function checkBudget({ name, bytes }: Pick<Bundle, 'name' | 'bytes'>): void {
  const kilobytes = Math.ceil(bytes / 1000);
  const budget = budgets[name];
  if (budget === undefined) {
    throw new Error(
      `${name} has no size budget: add one of about ${Math.ceil(kilobytes * 1.1)} to templates/bundle-budgets.ts.`,
    );
  }
  if (kilobytes > budget) {
    throw new Error(
      `dist/${name}/index.js has ${kilobytes} kB, its budget is ${budget} kB (templates/bundle-budgets.ts).`,
    );
  }
}

async function main(asked: readonly string[]): Promise<void> {
  for (const name of asked.length > 0 ? asked : await functionNames()) {
    const folder = join(root, 'dist', name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const bundle = await bundleHandler(name, `functions/${name}/handler.ts`, join(folder, 'index.js'));
    checkBudget(bundle);
    console.log(`dist/${name}/index.js ${Math.ceil(bundle.bytes / 1000)} kB of ${budgets[name]} kB`);
  }
}

if (import.meta.main) await main(process.argv.slice(2));
