import type { SceneScore } from '../../support/imaging/score.ts';
import type { Spent } from './program.ts';

/** One row: what a chain took a detector (where it was timed) and what it made of the scenes. */
export interface Row {
  readonly name: string;
  readonly spent?: Spent;
  readonly scores?: readonly SceneScore[];
}

const LEVELS = [5, 6, 7, 8, 10];

/** CPU against that of the last row that has one, completeness in % and false detections a detector. */
export function tableOf(rows: readonly Row[]): string {
  const peer = rows.findLast(({ spent }) => spent)?.spent;
  const head = `| | CPU s | wall s | ratio | SNR ${LEVELS.join('/')} hostless | hosted | field FP | near-bright FP |`;
  const lines = rows.map(({ name, spent, scores }) => {
    const cost = spent &&
      peer && [spent.cpu.toFixed(1), spent.wall.toFixed(1), (spent.cpu / peer.cpu).toFixed(2)];
    const quality = scores && [
      completeness(scores, false),
      completeness(scores, true),
      falseADetector(scores, 'field').toFixed(1),
      falseADetector(scores, 'near-bright').toFixed(1),
    ];
    return `| ${[name, ...(cost ?? ['', '', '']), ...(quality ?? ['', '', '', ''])].join(' | ')} |`;
  });
  return [head, '|---|---|---|---|---|---|---|---|', ...lines].join('\n');
}

function completeness(scores: readonly SceneScore[], hosted: boolean): string {
  return LEVELS.map((snr) => {
    const own = transients(scores).filter((point) => point.snr === snr && point.hosted === hosted);
    return ((100 * own.filter(({ found }) => found).length) / own.length).toFixed(0);
  }).join('/');
}

/** Transients of SNR 5 to 10 that were not found. */
export function missed(scores: readonly SceneScore[]): number {
  return transients(scores).filter(({ snr, found }) => LEVELS.includes(snr) && !found).length;
}

export function falseADetector(scores: readonly SceneScore[], zone: 'field' | 'near-bright'): number {
  const falses = scores.flatMap((score) => score.falses.filter((one) => one.zone === zone));
  return falses.length / scores.reduce((sum, { detectors }) => sum + detectors, 0);
}

function transients(scores: readonly SceneScore[]) {
  return scores.flatMap(({ points }) => points.filter(({ kind }) => kind === 'transient'));
}
