import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { VisitLatency } from '../answers.ts';
import { axis, Chart, type ChartOptions } from './chart.tsx';
import { secondsText } from './text.ts';

/** Seconds from readout to the last alert on the topic that a visit may take (LSE-61, OTT1). */
export const limitSeconds = 60;

export function Latency({ latencies }: { latencies: readonly VisitLatency[] }) {
  const data = useMemo<uPlot.AlignedData>(
    () => [latencies.map((_, index) => index + 1), latencies.map(({ seconds }) => seconds)],
    [latencies],
  );
  const words = inWords(latencies.map(({ seconds }) => seconds));
  return (
    <section aria-labelledby="latency">
      <h2 id="latency">Latency</h2>
      <p class="aside">From the last raw of a visit to its last alert on the public topic. {words}</p>
      {latencies.length > 0 && (
        <Chart label={`Latency by visit. ${words}`} height={170} options={latencyChart} data={data} />
      )}
    </section>
  );
}

function inWords(seconds: readonly number[]): string {
  if (seconds.length === 0) return 'No visit is finished yet.';
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number): string => secondsText(sorted[Math.ceil(share * sorted.length) - 1]!);
  const late = seconds.filter((one) => one > limitSeconds).length;
  return `Median ${at(0.5)}, 98\u00a0% within ${at(0.98)}; ${late === 0 ? 'none' : late} of ${seconds.length} over ${limitSeconds} s.`;
}

const latencyChart: ChartOptions = (ink) => ({
  legend: { show: false },
  cursor: { show: false },
  scales: {
    x: { time: false, range: ({ data }) => [0.5, Math.max(10, data[0].length) + 0.5] },
    y: { range: (_, __, high) => [0, Math.max(limitSeconds * 1.2, high * 1.1)] },
  },
  axes: [
    axis(ink, 'visit of the night', { incrs: [1, 2, 5, 10, 20, 50, 100] }),
    axis(ink, 'seconds', { incrs: [20, 60, 300, 600, 3600], size: 50, space: 24 }),
  ],
  series: [
    {},
    {
      paths: () => null,
      points: { show: true, size: 7, stroke: ink.colour('--accent'), fill: ink.colour('--accent') },
    },
  ],
  hooks: { draw: [(chart) => drawLimit(chart, ink.colour('--refused'))] },
});

function drawLimit({ ctx, bbox, valToPos }: uPlot, colour: string): void {
  const y = Math.round(valToPos(limitSeconds, 'y', true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.fillText(`${limitSeconds} s`, bbox.left + bbox.width - 4 * devicePixelRatio, y - 5 * devicePixelRatio);
  ctx.restore();
}
