import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';
import { root } from './declared-functions.ts';

const folder = join(root, 'shared/domain/image/kernels');

/** The tracked file that holds the compiled kernels. */
export const generatedKernels = join(folder, 'kernels.generated.ts');

/** 64 KiB pages that the kernels' memory may grow to: 1 GiB, of which only what is used is ever touched. */
const MOST_PAGES = 16_384;

/** Digest over the names and texts of the kernels' sources. */
export function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const name of kernelSources()) hash.update(`${name}\n${readFileSync(join(folder, name), 'utf8')}\n`);
  return hash.digest('hex');
}

function kernelSources(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.as.ts'))
    .sort();
}

/**
 * Compiles the kernels (AssemblyScript) to the text of kernels.generated.ts: the module in base64, its functions' names
 * and the digest of the sources.
 */
export async function compileKernels(): Promise<string> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main(
    [
      'index.as.ts',
      ...['--outFile', 'kernels.wasm', '--runtime', 'stub', '--noAssert', '-O3', '--converge'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', String(MOST_PAGES)],
      ...['--enable', 'simd', '--enable', 'bulk-memory', '--enable', 'threads'],
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(base === '.' || !base ? folder : join(folder, base), name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm') && typeof contents !== 'string') wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) throw new Error(`The kernels do not compile:\n${stderr.toString()}`, { cause: error });
  const names = WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(wasm)))
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
    .sort();
  return [
    '// Made by `npm run kernels` from *.as.ts. Do not edit.',
    `export const digest = '${sourcesDigest()}';`,
    `export const mostPages = ${MOST_PAGES};`,
    'export const kernelNames = [',
    ...names.map((name) => `  '${name}',`),
    '] as const;',
    'export type KernelName = (typeof kernelNames)[number];',
    `export const wasm =\n  '${Buffer.from(wasm).toString('base64')}';\n`,
  ].join('\n');
}

if (import.meta.main) writeFileSync(generatedKernels, await compileKernels());
