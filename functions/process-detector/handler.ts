import {
  defineFunction,
  Fault,
  faults,
  isFault,
  type Outcome,
  reading,
  type StreamUnit,
} from 'openfaas-sdk-ts';
import { detectorByNumber, findInstrument } from '#shared/domain/ids/instruments.ts';
import { slotText } from '#shared/domain/ids/slot.ts';
import { isPastLeapTable, leapTableExpiryMjdUtc, mjdUtcFromUnixMs } from '#shared/domain/time/scales.ts';
import { hasReached } from '#shared/domain/visit/claim.ts';
import { parseStreamFields } from '#shared/domain/visit/next-visit.ts';
import { workStream } from '#shared/wiring/work-stream.ts';
import { takeClaim } from './claims.ts';
import { isExpired, type PhaseName, remainingPhases } from './core.ts';
import { config, ports } from './declaration.ts';
import { streamOf } from './earlier.ts';
import { type Facts, isOutcome, type Phase, type Room } from './facts.ts';
import { endSlot } from './ledger.ts';
import { announce } from './phases/announce.ts';
import { associate } from './phases/associate.ts';
import { exportProducts } from './phases/export.ts';
import { force } from './phases/force.ts';
import { endWithheld, gate } from './phases/gate.ts';
import { pixels } from './phases/pixels.ts';
import { preload } from './phases/preload.ts';
import { wait } from './phases/wait.ts';
import { write } from './phases/write.ts';
import { pixelWorker, stopPixelWorker } from './pixel-worker.ts';

const phases: Readonly<Record<PhaseName, Phase>> = {
  preload,
  wait,
  pixels,
  gate,
  associate,
  force,
  write,
  announce,
  export: exportProducts,
};

export default defineFunction({
  name: 'process-detector',
  summary: 'Turns one detector of one visit into difference images, sources, rows and alerts.',
  config,
  ports,
  stream: {
    stream: workStream('process'),
    name: (config) => streamOf(config).stream,
    group: (config) => streamOf(config).group,
    limitSeconds: 900,
    handle: processUnit,
  },
  async start({ time, log }) {
    if (isPastLeapTable(mjdUtcFromUnixMs(time.night()))) {
      log.warn(
        `the table of leap seconds ended at MJD ${leapTableExpiryMjdUtc}: times may be 1 s off until Nightshift is updated`,
      );
    }
    await pixelWorker().warm();
    return stopPixelWorker;
  },
});

/** One slot, from wherever its claim says it is, through the phases that are left. */
async function processUnit(unit: StreamUnit, room: Room): Promise<Outcome> {
  let facts = await factsOf(unit, room);
  if (facts.claim?.state === 'done') return { kind: 'done' };
  if (facts.claim?.state === 'withheld') return endWithheld(facts, room);
  if (!facts.claim && isExpired(facts.request, room.time.night(), room.config.MESSAGE_EXPIRATION)) {
    return endSlot(facts, room, 'expired', `nextVisit is older than ${room.config.MESSAGE_EXPIRATION} s`);
  }
  if (facts.claim && hasReached(facts.claim.state, 'measured'))
    facts = await takeClaim(facts, room, facts.claim.visit);
  for (const name of remainingPhases(facts.claim?.state)) {
    const result = await phases[name](facts, room).catch((error) => refuseUnfit(error, facts, room));
    if (isOutcome(result)) return result;
    facts = result;
  }
  return { kind: 'done' };
}

/** A fault of the item that no attempt can mend ends the slot, with a line in the ledger. */
function refuseUnfit(error: unknown, facts: Facts, room: Room): Promise<Outcome> {
  if (isFault(error) && faults[error.code].policy === 'dead')
    return endSlot(facts, room, 'refused', error.message);
  throw error;
}

/** What the entry says, and how far its slot is already. */
async function factsOf(unit: StreamUnit, { ports }: Room): Promise<Facts> {
  const request = reading(`The stream entry ${unit.id}`, () => parseStreamFields(unit.fields));
  const instrument = findInstrument(request.instrument);
  const detector = instrument && detectorByNumber(instrument, request.detector);
  if (!instrument || !detector) {
    const known = instrument
      ? `${instrument.name} has no detector ${request.detector}`
      : `no instrument ${request.instrument} is known`;
    throw new Fault('NS_ITEM_REFUSED', `The stream entry ${unit.id} cannot be worked on: ${known}.`);
  }
  const slot = { instrument: instrument.name, group: request.groupId, detector: request.detector };
  const [claim] = await ports.sources.claimsOfSlots([slotText(slot)]);
  return { slot, slotText: slotText(slot), request, instrument, detector, claim };
}
