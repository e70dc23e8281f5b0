/** What a handler says of one unit of work. Only `retry`, and a death in mid-work, spend an attempt. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly afterSeconds: number; readonly why: string }
  | { readonly kind: 'hold'; readonly dependency: string; readonly why: string }
  | { readonly kind: 'dead'; readonly why: string };

/** The unit is finished: acknowledge it. */
export const done: Outcome = { kind: 'done' };

/** The unit failed for a reason that may pass: give it back, not before `afterSeconds`. */
export const retry = (afterSeconds: number, why: string): Outcome => ({ kind: 'retry', afterSeconds, why });

/** A dependency failed, not the unit: give the unit and its attempt back, and stop pulling until it answers. */
export const hold = (dependency: string, why: string): Outcome => ({ kind: 'hold', dependency, why });

/** The unit can never succeed: set it aside with its cause, and let what is behind it go on. */
export const dead = (why: string): Outcome => ({ kind: 'dead', why });
