import type { UnjudgedSource } from '../measure.ts';
import { type FeatureScene, featureNames, reliabilityFeatures } from './features.ts';
import { type ReliabilityModel, reliability } from './model.ts';
import weights from './weights.json' with { type: 'json' };

const model: ReliabilityModel = weights;
if (featureNames.join() !== model.features.join())
  throw new Error('weights.json was trained on other features: npm run train:reliability makes it anew.');

/** How sure the model in weights.json is that a source is real, and which model that is: the schema's fields. */
export function reliabilityOf(
  scene: FeatureScene,
  source: UnjudgedSource,
): { reliability: number; reliabilityVersion: string } {
  const value = reliability(model, reliabilityFeatures(scene, source));
  return { reliability: value, reliabilityVersion: model.version };
}
