import { writeFits } from '#shared/domain/fits/write.ts';
import type { Detector } from '#shared/domain/ids/instruments.ts';
import { amplifierHeader, primaryHeader, sidecar } from './raw-header.ts';
import type { AmplifierImage } from './read-out.ts';
import type { Plan, Visit } from './survey-plan.ts';

/** A raw as the camera writes it (a primary header and 16 Rice-compressed amplifiers of 32 bits), and its sidecar. */
export function rawFile(
  plan: Plan,
  visit: Visit,
  detector: Detector,
  images: readonly AmplifierImage[],
): { fits: Uint8Array; json: Uint8Array } {
  const header = primaryHeader(plan, visit, detector);
  const amplifiers = images.map(({ amplifier, pixels }) => ({
    header: amplifierHeader(detector, amplifier),
    image: { width: amplifier.rawWidth, height: amplifier.rawHeight, pixels },
    compression: 'RICE_1' as const,
  }));
  return { fits: writeFits([{ header }, ...amplifiers]), json: sidecar(header) };
}
