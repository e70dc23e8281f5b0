import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** What a chart is made of, in the colours of the scheme that the viewer prefers. */
export type ChartOptions = (ink: Ink) => Omit<uPlot.Options, 'width' | 'height'>;

/** Colours of the style sheet: uPlot draws on a canvas, which knows none of them. */
export interface Ink {
  readonly text: string;
  readonly grid: string;
  /** A custom property of the style sheet. */
  colour(name: string): string;
}

/** A uPlot chart as wide as its place; made anew where its options or the colour scheme change. */
export function Chart(props: {
  label: string;
  height: number;
  options: ChartOptions;
  data: uPlot.AlignedData;
}) {
  const { label, height, options, data } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = place.current!;
    const draw = () => {
      chart.current?.destroy();
      const width = element.clientWidth;
      chart.current = new uPlot({ ...options(inkOf(element)), width, height }, latest.current, element);
    };
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height }));
    draw();
    scheme.addEventListener('change', draw);
    resized.observe(element);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      chart.current?.destroy();
    };
  }, [options, height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

function inkOf(element: HTMLElement): Ink {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return { text: colour('--muted'), grid: colour('--line'), colour };
}

/** An axis in the page's ink. */
export const axis = ({ text, grid }: Ink, label: string, more: uPlot.Axis = {}): uPlot.Axis => ({
  stroke: text,
  grid: { stroke: grid, width: 1 },
  ticks: { stroke: grid, width: 1 },
  font: '12px system-ui, sans-serif',
  labelFont: '12px system-ui, sans-serif',
  label,
  labelSize: 20,
  ...more,
});
