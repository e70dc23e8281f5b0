import { detectorByNumber } from '#shared/domain/ids/instruments.ts';
import type { DetectorInput } from '#shared/domain/image/detector.ts';
import { detectorPolygon, detectorWcs } from '#shared/domain/sky/camera.ts';
import { padPolygon } from '#shared/domain/sky/vector.ts';
import { exposureOf } from '#shared/domain/visit/exposure.ts';
import { expose } from '../../cli/simulator/exposure.ts';
import { conditionsOf } from '../../cli/simulator/observation.ts';
import { observatoryData } from '../../cli/simulator/observatory-data.ts';
import { rawFile } from '../../cli/simulator/raw-file.ts';
import { fieldDisc, satelliteStreaks, uncataloguedStreaks } from '../../cli/simulator/streaks.ts';
import { planNight } from '../../cli/simulator/survey-plan.ts';
import type { SourceTruth } from '../../cli/simulator/truth.ts';
import { loadInputs } from '../../functions/process-detector/inputs.ts';
import { temporaryFolder } from './night.ts';

/** One simulated raw with all that it is processed with, and the truth: what process-detector's pixel thread gets. */
export async function simulatedDetector(of: {
  camera: string;
  seed: number;
  visit: number;
  detector: number;
}): Promise<{ input: Omit<DetectorInput, 'config'>; truth: readonly SourceTruth[] }> {
  using folder = temporaryFolder();
  const { fileObjectStore } = await import('#shared/drivers/fs/object-store.ts');
  const products = await fileObjectStore({
    data: folder.path,
    fsync: false,
    bucket: 'products',
    createdEvents: false,
  });
  try {
    const plan = planNight({ camera: of.camera, seed: of.seed, detectors: of.detector + 1 });
    const { signal } = new AbortController();
    const visit = plan.visitAt(of.visit);
    const elements = await observatoryData(plan, products, async () => {}, signal).prepareFor(visit);
    const { instrument } = plan;
    const disc = fieldDisc(instrument, visit);
    const streaks = [
      ...satelliteStreaks(elements, visit, disc, instrument.observer),
      ...uncataloguedStreaks(plan, visit, conditionsOf(plan.seed, visit)),
    ];
    const detector = detectorByNumber(instrument, of.detector)!;
    const { images, truth } = expose(plan, visit, detector, streaks);
    const { fits, json } = rawFile(plan, visit, detector, images);
    const exposure = exposureOf(instrument, JSON.parse(Buffer.from(json).toString()));
    const boresight = exposure.boresight!;
    const region = padPolygon(detectorPolygon(instrument, detector.number, boresight, 0), 50);
    const { physicalFilter, band } = exposure;
    const wanted = {
      instrument,
      detector,
      physicalFilter,
      band,
      dayObs: visit.dayObs,
      region,
      catalog: 'nightshift',
    };
    const inputs = await loadInputs(wanted, products, signal);
    return {
      input: { ...inputs, raw: fits, predictedWcs: detectorWcs(instrument, detector.number, boresight) },
      truth,
    };
  } finally {
    await products.close();
  }
}
