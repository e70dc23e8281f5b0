export * from './define-function.ts';
export * from './faults.ts';
export * from './outcome.ts';
export * from './outcome-of-error.ts';
export type * from './sources.ts';
export type * from './wiring.ts';
