import type { FunctionSpec, Wirings } from 'openfaas-sdk-ts';
import type { z } from 'zod';

/** Every function of the collection, loaded when it is asked for. */
export const functions = {
  enqueue: () => import('../functions/enqueue/handler.ts'),
  'ingest-batch': () => import('../functions/ingest-batch/handler.ts'),
  'requeue-idle': () => import('../functions/requeue-idle/handler.ts'),
  presence: () => import('../functions/presence/handler.ts'),
  'next-visit-fanout': () => import('../functions/next-visit-fanout/handler.ts'),
  'process-detector': () => import('../functions/process-detector/handler.ts'),
  'sattle-check': () => import('../functions/sattle-check/handler.ts'),
  'satellite-catalog': () => import('../functions/satellite-catalog/handler.ts'),
  'alert-publish': () => import('../functions/alert-publish/handler.ts'),
  'archive-write': () => import('../functions/archive-write/handler.ts'),
  'archive-read': () => import('../functions/archive-read/handler.ts'),
} as const;

export type FunctionName = keyof typeof functions;

export const functionNames = Object.keys(functions) as FunctionName[];

/** @throws Error naming the functions that there are. */
export function requireFunctionName(name: string): FunctionName {
  const found = functionNames.find((known) => known === name);
  if (!found) throw new Error(`There is no function '${name}'. There are: ${functionNames.join(', ')}.`);
  return found;
}

/** A declaration, whatever its configuration and ports are. */
export type AnyFunction = FunctionSpec<z.ZodObject, Wirings>;
