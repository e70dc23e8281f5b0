import { Fault, handOver } from 'openfaas-sdk-ts';
import { parseExposureId } from '#shared/domain/ids/exposure-id.ts';
import { detectorWcs } from '#shared/domain/sky/camera.ts';
import { convexHull, toVector, type Vector } from '#shared/domain/sky/vector.ts';
import { pixelToSky, type Wcs } from '#shared/domain/sky/wcs.ts';
import { embargoCards } from '#shared/domain/visit/embargo.ts';
import { type Facts, known, type Phase, type Room } from '../facts.ts';
import type { Inputs } from '../inputs.ts';
import { endSlot, note } from '../ledger.ts';
import { type Measured, numberSources, productKey } from '../measured.ts';
import { metricsOf } from '../metrics.ts';
import { pixelWorker } from '../pixel-worker.ts';
import { sealMeasured } from '../sealed.ts';
import { inputsFor } from './preload.ts';

/**
 * Raw bytes to measured sources, in the worker thread. The images go to the bucket; the sources are sealed there,
 * since nothing about a source may leave before the gate has answered.
 */
export const pixels: Phase = async (facts, room) => {
  const claim = known(facts, 'claim');
  const exposure = known(facts, 'exposure');
  const inputs = await inputsOf(facts, room);
  const raw = await room.ports.raw.get(known(facts, 'rawKey'), { signal: room.signal });
  if (!raw) throw new Fault('NS_OBJECT_MISSING', `The raw ${facts.rawKey} is not in the bucket any more.`);
  const { boresight, declaredZeroPoint } = exposure;
  const { bias, dark, flat, crosstalk, templates, references } = inputs;
  const input = {
    ...{ raw, bias, dark, flat, crosstalk, templates, references, declaredZeroPoint },
    predictedWcs: boresight && detectorWcs(facts.instrument, facts.detector.number, boresight),
    productCards: embargoCards(exposure.endMjdTai, room.config.EMBARGO_HOURS),
  };
  // The thread is given the bytes, not copies: an LSSTCam detector's files are half of the memory that it may have.
  const files = [raw, bias, dark, flat, ...templates.map(({ bytes }) => bytes)];
  const result = await pixelWorker().measure(handOver(input, files));
  if (result.outcome === 'refused')
    return endSlot(facts, room, 'refused', `${facts.rawKey} cannot be measured: ${result.reason}`);
  for (const [stage, ms] of Object.entries(result.timingMs))
    metricsOf(room.metrics).stages.observe({ stage }, ms / 1000);
  room.log.info({ slot: facts.slotText, quality: result.quality }, 'detector measured');
  const { dayObs, seqNum } = parseExposureId(claim.visit);
  const numbering = { dayObs, seqNum, detector: claim.detector, releaseId: room.config.RELEASE_ID };
  const measured: Measured = {
    exposure,
    sources: numberSources(result.sources, numbering),
    quality: result.quality,
    outline: outlineOf(facts, result.wcs),
    removed: {},
    measuredMs: room.time.wall(),
  };
  await keepImages(facts, room, result.products);
  const advanced = await sealMeasured(facts, room, measured);
  // Not even their number is told before the gate has answered.
  await note(advanced, room, 'measured');
  return { ...advanced, measured };
};

/** What preload found, or, where nextVisit did not tell (or told another filter), what the header asks for. */
async function inputsOf(facts: Facts, room: Room): Promise<Inputs> {
  const { physicalFilter, boresight } = known(facts, 'exposure');
  if (facts.inputs?.physicalFilter === physicalFilter) return facts.inputs;
  const [raDeg, decDeg] = facts.request.position;
  const pointing = boresight ?? { raDeg, decDeg, skyAngleDeg: facts.request.cameraAngle };
  return (
    (await inputsFor(facts, room, pointing, physicalFilter)) ?? {
      physicalFilter,
      templates: [],
      references: [],
    }
  );
}

async function keepImages(
  facts: Facts,
  { ports, signal }: Room,
  images: { difference: Uint8Array; calibrated: Uint8Array },
): Promise<void> {
  const claim = known(facts, 'claim');
  for (const product of ['difference', 'calibrated'] as const) {
    await ports.products.put(productKey(claim, claim.attempt, product), images[product], { signal });
  }
}

function outlineOf({ detector: { width, height } }: Facts, wcs: Wcs): readonly Vector[] {
  const corners = [
    [-0.5, -0.5],
    [width - 0.5, -0.5],
    [width - 0.5, height - 0.5],
    [-0.5, height - 0.5],
  ] as const;
  return convexHull(
    corners.map(([x, y]) => {
      const { raDeg, decDeg } = pixelToSky(wcs, x, y);
      return toVector(raDeg, decDeg);
    }),
  );
}
