import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyFunction } from 'openfaas-sdk-ts';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');

/** Names of the functions: folders of functions/ with a handler, in order. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(join(root, 'functions'), { recursive: true });
  return entries.flatMap((entry) => /^([^/]+)\/handler\.ts$/.exec(entry)?.[1] ?? []).sort();
}

/** The declarations that handlers export: the source of stack.yml's checks, deploy/keda and docs/configuration.md. */
export async function declaredFunctions(): Promise<AnyFunction[]> {
  const names = await functionNames();
  const modules = await Promise.all(names.map((name) => import(`../functions/${name}/handler.ts`)));
  return modules.map((module: { default: AnyFunction }) => module.default);
}
