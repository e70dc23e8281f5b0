import { wilson } from './statistics.ts';

/** One row of the table. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  readonly value: number;
  /** Empty where the figure is only told. */
  readonly bar: string;
  readonly isMissed: boolean;
}

/** A figure without a bar. */
export const told = (name: string, value: number, measured: string): Figure => ({
  ...{ name, measured, value, bar: '', isMissed: false },
});

/** A figure, with a bar where one is given. */
export function judged(
  name: string,
  value: number,
  measured: string,
  bar: { readonly text: string; readonly isKept: boolean } | undefined,
): Figure {
  return bar === undefined
    ? told(name, value, measured)
    : { name, measured, value, bar: bar.text, isMissed: !bar.isKept };
}

/** A share of trials against its least value, %: missed where the 95 % interval lies wholly below. */
export function share(name: string, hits: number, trials: number, least: number | undefined): Figure {
  const { low, high } = wilson(hits, trials);
  const percent = (part: number): string => (100 * part).toFixed(1);
  const measured = `${percent(hits / trials)} % (${percent(low)}-${percent(high)}; ${hits}/${trials})`;
  const bar = least === undefined ? undefined : { text: `>= ${least} %`, isKept: 100 * high >= least };
  return judged(name, (100 * hits) / trials, measured, bar);
}
