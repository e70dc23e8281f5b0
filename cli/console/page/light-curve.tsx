import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { AlertDetails } from '../answers.ts';
import { Band } from './alert-list.tsx';
import { axis, Chart, type ChartOptions, type Ink } from './chart.tsx';

interface Point {
  readonly mjdTai: number;
  readonly band: string;
  readonly fluxNjy: number;
  readonly errNjy: number;
  readonly what: 'detected' | 'forced' | 'this alert';
}

/** Difference flux by band with its errors, from the packet's history: detections full, forced photometry open. */
export function LightCurve({ alert }: { alert: AlertDetails }) {
  const points = useMemo(() => pointsOf(alert), [alert]);
  const bands = useMemo(() => [...new Set(points.map(({ band }) => band))].sort(byWavelength), [points]);
  const options = useMemo(() => lightCurveChart(points, bands), [points, bands]);
  const data = useMemo(() => alignedData(points, bands), [points, bands]);
  const detected = points.filter(({ what }) => what !== 'forced').length;
  return (
    <figure class="light-curve">
      <Chart
        label={`Light curve: ${detected} detections and ${points.length - detected} forced measurements in ${bands.join(', ')}`}
        height={300}
        options={options}
        data={data}
      />
      <figcaption>
        {detected} {detected === 1 ? 'detection' : 'detections'} (full), {points.length - detected} forced
        (open); the ring is this alert. Bars are one standard deviation.{' '}
        {bands.map((band) => (
          <Band key={band} band={band} />
        ))}
      </figcaption>
    </figure>
  );
}

const order = 'ugrizy';
const byWavelength = (a: string, b: string): number => order.indexOf(a) - order.indexOf(b);

export function pointsOf({ diaSource, prvDiaSources, prvDiaForcedSources }: AlertDetails): Point[] {
  const rows = [
    ...prvDiaForcedSources.map((row) => ({ ...row, what: 'forced' as const })),
    ...prvDiaSources.map((row) => ({ ...row, what: 'detected' as const })),
    { ...diaSource, what: 'this alert' as const },
  ];
  return rows
    .flatMap(({ midpointMjdTai, band, psfFlux, psfFluxErr, what }) =>
      psfFlux === null
        ? []
        : [{ mjdTai: midpointMjdTai, band: band ?? '?', fluxNjy: psfFlux, errNjy: psfFluxErr ?? 0, what }],
    )
    .sort((a, b) => a.mjdTai - b.mjdTai);
}

/** uPlot's columns: times, and per band the flux at them, for its cursor; the marks are drawn from the points. */
function alignedData(points: readonly Point[], bands: readonly string[]): uPlot.AlignedData {
  return [
    points.map(({ mjdTai }) => mjdTai),
    ...bands.map((band) => points.map((point) => (point.band === band ? point.fluxNjy : null))),
  ];
}

const lightCurveChart =
  (points: readonly Point[], bands: readonly string[]): ChartOptions =>
  (ink) => {
    const low = Math.min(0, ...points.map(({ fluxNjy, errNjy }) => fluxNjy - errNjy));
    const high = Math.max(0, ...points.map(({ fluxNjy, errNjy }) => fluxNjy + errNjy));
    const room = 0.08 * (high - low || 1);
    return {
      scales: { x: { time: false, range: timeRange(points) }, y: { range: [low - room, high + room] } },
      axes: [
        axis(ink, 'MJD TAI', { values: (_, days) => days.map(dayText(days)), space: 90 }),
        axis(ink, 'difference flux, nJy', { size: 70 }),
      ],
      legend: { show: false },
      cursor: { show: false },
      series: [{}, ...bands.map((band) => ({ label: band, paths: () => null, points: { show: false } }))],
      hooks: { draw: [(chart) => drawPoints(chart, points, ink)] },
    };
  };

/** The points with some room; a lone one in the middle of an hour. */
function timeRange(points: readonly Point[]): [number, number] {
  const [first, last] = [points[0]?.mjdTai ?? 0, points.at(-1)?.mjdTai ?? 0];
  const room = Math.max((last - first) * 0.06, 1 / 48);
  return [first - room, last + room];
}

/** As many digits as the ticks' distance needs. */
const dayText = (days: readonly number[]) => (day: number) => {
  const step = days.length > 1 ? days[1]! - days[0]! : 1;
  return day.toFixed(Math.max(0, Math.min(6, Math.ceil(-Math.log10(step)))));
};

function drawPoints(chart: uPlot, points: readonly Point[], ink: Ink): void {
  const { ctx } = chart;
  const unit = devicePixelRatio;
  const radius = 4 * unit;
  ctx.save();
  ctx.lineWidth = 1.5 * unit;
  drawZero(chart, ink);
  for (const { mjdTai, fluxNjy, errNjy, band, what } of points) {
    const x = chart.valToPos(mjdTai, 'x', true);
    const at = (flux: number): number => chart.valToPos(flux, 'y', true);
    ctx.strokeStyle = ink.colour(`--band-${band}`) || ink.text;
    ctx.fillStyle = ctx.strokeStyle;
    line(ctx, [x, at(fluxNjy - errNjy)], [x, at(fluxNjy + errNjy)]);
    ctx.beginPath();
    // Forced photometry of a visit with a detection lies on top of it: the open mark is the wider one.
    ctx.arc(x, at(fluxNjy), what === 'forced' ? 1.5 * radius : radius, 0, 2 * Math.PI);
    if (what !== 'forced') ctx.fill();
    ctx.stroke();
    if (what !== 'this alert') continue;
    ctx.strokeStyle = ink.colour('--ink');
    ctx.beginPath();
    ctx.arc(x, at(fluxNjy), 2.2 * radius, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}

function drawZero({ ctx, bbox, valToPos }: uPlot, ink: Ink): void {
  const y = Math.round(valToPos(0, 'y', true));
  ctx.strokeStyle = ink.text;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  line(ctx, [bbox.left, y], [bbox.left + bbox.width, y]);
  ctx.setLineDash([]);
}

function line(
  ctx: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
