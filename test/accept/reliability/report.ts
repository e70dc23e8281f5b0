import { type ReliabilityModel, reliability } from '#shared/domain/image/reliability/model.ts';
import type { Harvest } from './plates.ts';
import { drawRoc } from './roc-picture.ts';
import type { Sample } from './samples.ts';

/** One point of the ROC: what passes when every source below the threshold is dropped. */
export interface RocPoint {
  readonly threshold: number;
  /** Part of the detected real sources that is kept. */
  readonly kept: number;
  /** Part of the bogus ones that is kept. */
  readonly bogus: number;
}

interface Judged {
  readonly sample: Sample;
  readonly value: number;
}

export const judge = (model: ReliabilityModel, samples: readonly Sample[]): Judged[] =>
  samples.map((sample) => ({ sample, value: reliability(model, sample.features) }));

/** Area under the ROC: the chance that a real source is above a bogus one. */
export function areaUnderRoc(judged: readonly Judged[]): number {
  const sorted = judged.toSorted((a, b) => a.value - b.value);
  let [below, pairs] = [0, 0];
  for (const { sample } of sorted) {
    if (sample.real) pairs += below;
    else below++;
  }
  return pairs / (below * (judged.length - below));
}

export function rocPoints(judged: readonly Judged[], thresholds: readonly number[]): RocPoint[] {
  const part = (real: boolean, threshold: number): number => {
    const own = judged.filter(({ sample }) => sample.real === real);
    return own.filter(({ value }) => value >= threshold).length / own.length;
  };
  return thresholds.map((threshold) => ({
    threshold,
    kept: part(true, threshold),
    bogus: part(false, threshold),
  }));
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** The curve of all thresholds in steps of 0.001, with some of them marked. */
export function rocPicture(model: ReliabilityModel, harvests: readonly Harvest[]): string {
  const judged = judge(
    model,
    harvests.flatMap(({ samples }) => samples),
  );
  const curve = rocPoints(
    judged,
    Array.from({ length: 1001 }, (_, k) => k / 1000),
  );
  const title = `ROC of the reliability on ${judged.length} sources of unseen scenes, AUC ${areaUnderRoc(judged).toFixed(4)}`;
  return drawRoc(curve, rocPoints(judged, [0.1, 0.3, 0.5, 0.7, 0.9]), title);
}

/** The tables of docs/imaging.md: ROC, kinds of flaws, completeness before and after the cut at 0.5. */
export function reportTables(model: ReliabilityModel, harvests: readonly Harvest[]): string {
  const judged = judge(
    model,
    harvests.flatMap(({ samples }) => samples),
  );
  const roc = rocPoints(judged, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]).map(
    ({ threshold, kept, bogus }) => `| ${threshold} | ${percent(kept)} | ${percent(bogus)} |`,
  );
  const kinds = [...Map.groupBy(judged, ({ sample }) => sample.kind)].map(([kind, own]) => {
    const [real, bogus] = [own.filter(({ sample }) => sample.real), own.filter(({ sample }) => !sample.real)];
    const kept = (of: readonly Judged[]): number => of.filter(({ value }) => value >= 0.5).length;
    return `| ${kind} | ${real.length} | ${percent(kept(real) / real.length)} | ${bogus.length} | ${kept(bogus)} |`;
  });
  return [
    `AUC ${areaUnderRoc(judged).toFixed(4)} on ${judged.length} sources`,
    '| least reliability | real kept | bogus kept |',
    '|---|---|---|',
    ...roc,
    '',
    '| scene | real | kept at 0.5 | bogus | kept at 0.5 |',
    '|---|---|---|---|---|',
    ...kinds,
    '',
    '| SNR | injected | before the cut | after | kept of the detected |',
    '|---|---|---|---|---|',
    ...completenessRows(judged, harvests),
  ].join('\n');
}

function completenessRows(judged: readonly Judged[], harvests: readonly Harvest[]): string[] {
  const changes = harvests.flatMap((harvest) => harvest.changes);
  const edges = [4, 5, 6, 7, 8, 10, 15, 20, 1e9];
  return edges.slice(0, -1).map((from, k) => {
    const isIn = ({ snr }: { snr: number }): boolean => snr >= from && snr < edges[k + 1];
    const injected = changes.filter(isIn).length;
    const found = judged.filter(({ sample }) => sample.isPoint && isIn(sample));
    const after = found.filter(({ value }) => value >= 0.5).length;
    const range = k === edges.length - 2 ? `${from}+` : `${from} to ${edges[k + 1]}`;
    return `| ${range} | ${injected} | ${percent(found.length / injected)} | ${percent(after / injected)} | ${percent(after / found.length)} |`;
  });
}
