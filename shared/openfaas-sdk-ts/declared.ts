import type { AnyFunction } from './define-function.ts';
import { type TriggerKind, triggerKinds } from './settings.ts';
import type { Closable, Wiring } from './wiring.ts';

/** A wiring that a function names, and what for: a port of its handlers, or a trigger's source. */
export interface UsedWiring {
  readonly use: string;
  readonly wiring: Wiring<Closable>;
}

export const declaredTriggers = (spec: AnyFunction): TriggerKind[] =>
  triggerKinds.filter((kind) => spec[kind] !== undefined);

/** Wirings that a launch with these triggers opens, each port and role once. */
export function wiringsOf(spec: AnyFunction, triggers: ReadonlySet<TriggerKind>): UsedWiring[] {
  const used: (UsedWiring | undefined)[] = [
    ...Object.entries(spec.ports).map(([use, wiring]) => ({ use, wiring })),
    spec.topic && triggers.has('topic') ? { use: 'topic', wiring: spec.topic.log } : undefined,
    spec.topic?.aside && triggers.has('topic') ? { use: 'topic', wiring: spec.topic.aside } : undefined,
    spec.stream && triggers.has('stream') ? { use: 'stream', wiring: spec.stream.stream } : undefined,
    spec.queue && triggers.has('queue') ? { use: 'queue', wiring: spec.queue.queue } : undefined,
    spec.timer && triggers.has('timer') ? { use: 'timer', wiring: spec.timer.leases } : undefined,
  ];
  const byRole = new Map<string, UsedWiring>();
  for (const each of used) {
    const name = each && `${each.wiring.port}/${each.wiring.role}`;
    if (each && name && !byRole.has(name)) byRole.set(name, each);
  }
  return [...byRole.values()];
}

/** Longest unit of these triggers, seconds; 0 where none of them has units. */
export const limitOf = (spec: AnyFunction, triggers: ReadonlySet<TriggerKind>): number =>
  Math.max(
    0,
    ...(['topic', 'stream', 'queue', 'timer'] as const).map((kind) =>
      triggers.has(kind) ? (spec[kind]?.limitSeconds ?? 0) : 0,
    ),
  );
