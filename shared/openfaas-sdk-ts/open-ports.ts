import type { Logger } from 'pino';
import type { Time } from './define-function.ts';
import { isFault } from './faults.ts';
import { blamed, createGate, inWords } from './gate.ts';
import type { Metrics } from './metrics.ts';
import type { Closable, OpenContext, Wiring } from './wiring.ts';

interface Launch {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly time: Time;
  readonly pulling: AbortSignal;
  heldLong(dependency: string): void;
}

/** Opens wirings, each port and role once however often it is named, and closes what it opened. */
export interface OpenPorts {
  open<Port extends Closable>(wiring: Wiring<Port>): Promise<Port>;
  close(): Promise<void>;
}

export function createOpenPorts(context: OpenContext, launch: Launch): OpenPorts {
  const opened = new Map<string, Promise<Closable>>();
  return {
    open<Port extends Closable>(wiring: Wiring<Port>) {
      const name = `${wiring.port}/${wiring.role}`;
      const port = opened.get(name) ?? untilAnswered(name, () => wiring.open(context), launch);
      opened.set(name, port);
      return port as Promise<Port>;
    },
    async close() {
      for (const port of await Promise.allSettled(opened.values())) {
        if (port.status === 'fulfilled') await port.value.close();
      }
      opened.clear();
    },
  };
}

/**
 * A step of the start that waits for a service that is down, with back-off and the alarm on; the function is not
 * ready meanwhile. @throws whatever is not a dependency's fault.
 */
export async function untilAnswered<T>(what: string, step: () => Promise<T>, launch: Launch): Promise<T> {
  const gate = createGate('start', launch);
  for (;;) {
    try {
      const answer = await step();
      gate.open();
      return answer;
    } catch (error) {
      if (!isFault(error) || error.blame !== 'dependency' || launch.pulling.aborted) throw error;
      gate.hold(blamed(error, what), inWords(error));
      await gate.pass(launch.pulling);
    }
  }
}
