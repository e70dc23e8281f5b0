import { type Detector, detectorByNumber } from '#shared/domain/ids/instruments.ts';
import { detectorPolygon, detectorWcs } from '#shared/domain/sky/camera.ts';
import { patchesOverlapping } from '#shared/domain/sky/skymap.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { biasFrame, flatFrame } from './calibrations.ts';
import type { ElementSet } from './orbits.ts';
import { REFERENCE_CATALOG, referenceShards } from './reference-catalog.ts';
import { type ElementFile, elementFileOf, nightElements } from './satellite-catalog.ts';
import { discAround } from './scene.ts';
import { type Plan, VISITS_A_NIGHT, type Visit } from './survey-plan.ts';
import { templateTile } from './templates.ts';

/** Pixels around a detector for which there are templates: pointing errors reach 20. */
const TEMPLATE_PADDING = 50;
/** Degrees around a detector for which there are reference stars: the pipeline asks for 50" more than the detector. */
const REFERENCE_PADDING_DEG = 60 / 3600;

/** What an observatory has before it observes: calibrations, templates, reference stars, element sets of satellites. */
export interface ObservatoryData {
  /** Sees to it that all is there that a visit is processed with; answers its night's satellites. */
  prepareFor(visit: Visit): Promise<readonly ElementSet[]>;
}

/** Takes a night's element sets to where its catalogue is made. */
export type GiveElements = (file: ElementFile) => Promise<void>;

export function observatoryData(
  plan: Plan,
  products: ObjectStore,
  giveElements: GiveElements,
  signal: AbortSignal,
): ObservatoryData {
  const present = new Set<string>();
  let night: { number: number; elements: readonly ElementSet[] } | undefined;

  /** Makes an object unless it is there: at a restart nothing is rendered again. */
  async function once(key: string, make: () => Uint8Array) {
    if (present.has(key)) return;
    if (!(await products.head(key, { signal }))) await products.put(key, make(), { ifAbsent: true, signal });
    present.add(key);
  }

  async function prepareDetector(visit: Visit, detector: Detector) {
    const calibs = `calibs/${plan.instrument.name}/${detector.number}`;
    const validFrom = plan.visitAt(0).dayObs;
    const { physicalFilter, band } = visit;
    await once(`${calibs}/bias/${validFrom}.fits`, () => biasFrame(plan, detector));
    await once(`${calibs}/flat-${physicalFilter}/${validFrom}.fits`, () =>
      flatFrame(plan, detector, physicalFilter),
    );
    const region = detectorPolygon(plan.instrument, detector.number, visit, TEMPLATE_PADDING);
    for (const patch of patchesOverlapping(region)) {
      const key = `templates/${plan.instrument.name}/${band}/${patch.tract}/${patch.patch}.fits`;
      await once(key, () => templateTile(plan, band, patch));
    }
  }

  async function prepareReferences(visit: Visit) {
    if (present.has(visit.fieldName)) return;
    const discs = detectorsOf(plan).map((detector) => {
      const wcs = detectorWcs(plan.instrument, detector.number, visit);
      const disc = discAround(wcs, detector.width, detector.height);
      return { ...disc, radiusDeg: disc.radiusDeg + REFERENCE_PADDING_DEG };
    });
    for (const [index, csv] of referenceShards(plan.seed, discs)) {
      await products.put(`refcats/${REFERENCE_CATALOG}/${index}.csv`, Buffer.from(csv), { signal });
    }
    present.add(visit.fieldName);
  }

  async function satellitesOf(visit: Visit): Promise<readonly ElementSet[]> {
    const number = Math.floor(visit.index / VISITS_A_NIGHT);
    if (night?.number !== number) {
      const elements = nightElements(plan, number);
      await giveElements(elementFileOf(plan, number, elements));
      night = { number, elements };
    }
    return night.elements;
  }

  return {
    async prepareFor(visit) {
      for (const detector of detectorsOf(plan)) await prepareDetector(visit, detector);
      await prepareReferences(visit);
      return satellitesOf(visit);
    },
  };
}

export function detectorsOf({ instrument, detectors }: Plan): Detector[] {
  return detectors.map((number) => {
    const detector = detectorByNumber(instrument, number);
    if (!detector) throw new Error(`${instrument.name} has no detector ${number}.`);
    return detector;
  });
}
