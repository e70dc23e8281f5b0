import { readFileSync } from 'node:fs';

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

/** Panels of a Grafana dashboard that is kept as JSON. */
export function panelsOf(file: string): readonly Panel[] {
  const { panels }: { panels: readonly Panel[] } = JSON.parse(readFileSync(file, 'utf8'));
  return panels;
}

/** PromQL of all its panels, with Grafana's own variables in it. */
export const expressionsOf = (file: string): string[] =>
  panelsOf(file).flatMap(({ targets }) => targets.map(({ expr }) => expr));
