import type { Context, Outcome } from 'openfaas-sdk-ts';
import type { Detector, Instrument } from '#shared/domain/ids/instruments.ts';
import type { Slot } from '#shared/domain/ids/slot.ts';
import type { Claim } from '#shared/domain/visit/claim.ts';
import type { ExposureFacts } from '#shared/domain/visit/exposure.ts';
import type { DetectorVisit } from '#shared/domain/visit/next-visit.ts';
import type { Association } from './association-plan.ts';
import type { Config, ports } from './declaration.ts';
import type { Inputs } from './inputs.ts';
import type { Measured } from './measured.ts';

/** What the handler's runtime gives: configuration, ports, clocks, log. */
export type Room = Context<Config, typeof ports>;

/** All that is known of one slot while it passes through the phases. Each phase adds what it finds. */
export interface Facts {
  readonly slot: Slot;
  readonly slotText: string;
  readonly request: DetectorVisit;
  readonly instrument: Instrument;
  readonly detector: Detector;
  readonly inputs?: Inputs;
  readonly rawKey?: string;
  readonly exposure?: ExposureFacts;
  readonly claim?: Claim;
  readonly measured?: Measured;
  /** Slots that have to associate before this one, as the stream had them when the gate answered. */
  readonly earlier?: readonly string[];
  readonly association?: Association;
}

/** A phase goes on with more facts, or ends the unit with an outcome. */
export type Phase = (facts: Facts, room: Room) => Promise<Facts | Outcome>;

export const isOutcome = (result: Facts | Outcome): result is Outcome => 'kind' in result;

/** A fact that an earlier phase has found. Its absence is a mistake of ours, not of the input. */
export function known<K extends keyof Facts>(facts: Facts, name: K): NonNullable<Facts[K]> {
  const fact = facts[name];
  if (fact === undefined || fact === null)
    throw new Error(`The phase needs the fact ${name}, which no phase has found.`);
  return fact;
}
