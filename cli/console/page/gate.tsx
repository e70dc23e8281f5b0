import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { RefusalReason } from '../../../functions/sattle-check/refusal.ts';
import type { GateAnswer, GateCounts, RouteLatency } from '../answers.ts';
import { axis, Chart, type ChartOptions } from './chart.tsx';
import { countText, durationText, millisecondsText, shareText, shortId } from './text.ts';

/** An answer takes a second or less; measured work that waits longer is held. */
const heldAfterSeconds = 30;

/** Why the gate refuses, as a person says it. */
const reasonWords: Readonly<Record<RefusalReason, string>> = {
  no_catalogue: 'no satellite catalogue',
  stale_catalogue: 'catalogue too old for the visit',
  broken_catalogue: 'catalogue not whole',
  unavailable: 'bucket does not answer',
  failed: 'unexpected failure',
  bad_request: 'request that cannot be answered',
  unknown_visit: 'visit not told of yet',
  rate_limited: 'too many requests',
  too_large: 'request too large',
  slow_body: 'request came too slowly',
};

/** Reasons that lie with the gate: while they last nobody gets an answer. */
const ofTheGate: readonly RefusalReason[] = [
  'no_catalogue',
  'stale_catalogue',
  'broken_catalogue',
  'unavailable',
  'failed',
];

/** What is wrong with the gate now: why it refuses, and whether work waits for longer than an answer takes. */
export interface GateTrouble {
  readonly refuses?: string;
  readonly holds: boolean;
}

/** Undefined where nothing is wrong. */
export function gateTrouble({ refuses, counts, waiting }: GateAnswer): GateTrouble | undefined {
  const lasting = counts?.refusals.filter(
    ({ reason, lately, lasting }) => lately && lasting && ofTheGate.includes(reason),
  );
  const why = refuses ?? lasting?.map(({ reason }) => reasonWords[reason]).join(', ');
  const holds = waiting.seconds >= heldAfterSeconds;
  return why || holds ? { ...(why && { refuses: why }), holds } : undefined;
}

/** The line on top of the page. */
export const GateAlarm = ({ gate, trouble }: { gate: GateAnswer; trouble: GateTrouble }) => (
  <>
    {trouble.refuses ? 'The satellite gate refuses to answer' : 'The satellite gate owes an answer'}
    {trouble.holds && `: ${detectorsText(gate.waiting.detectors)} for it`}.{' '}
    <a href="#gate">See how it stands</a>
  </>
);

const detectorsText = (count: number): string =>
  count === 1 ? '1 detector waits' : `${countText(count)} detectors wait`;

/** How the satellite gate stands: counts only, as all that is known of it outside its own thread. */
export function Gate({ gate, trouble }: { gate: GateAnswer; trouble: GateTrouble | undefined }) {
  const { counts, waiting } = gate;
  return (
    <section class="gate" aria-labelledby="gate">
      <h2 id="gate">Satellite gate</h2>
      <p class={trouble ? 'gate-state refusing' : 'gate-state'}>
        {!trouble && 'It answers, and nothing waits for it.'}
        {trouble?.refuses && `It refuses: ${trouble.refuses}. `}
        {trouble?.holds &&
          `${detectorsText(waiting.detectors)}, the first for ${durationText(waiting.seconds)}. They go on by themselves when it answers.`}
      </p>
      <dl class="counts gate-figures">
        <Catalogue gate={gate} />
        {counts && <Answers counts={counts} />}
      </dl>
      {counts && <Refusals counts={counts} />}
      {counts && <Crossing crossing={counts.crossing} />}
    </section>
  );
}

function Catalogue({ gate: { catalogue, limitHours, refuses } }: { gate: GateAnswer }) {
  if (!catalogue) {
    return (
      <>
        <Figure name="catalogue" value="none" bad />
        <Figure name="age" value="–" />
      </>
    );
  }
  return (
    <>
      <Figure name="catalogue" value={countText(catalogue.size)}>
        objects, <span title={catalogue.id}>{shortId(catalogue.id)}</span>
      </Figure>
      <Figure name="age" value={`${catalogue.ageHours.toFixed(1)} h`} bad={refuses !== undefined}>
        <meter
          min={0}
          max={limitHours}
          low={limitHours / 3}
          high={limitHours * (5 / 6)}
          optimum={0}
          value={catalogue.ageHours}
          aria-label={`${catalogue.ageHours.toFixed(1)} of ${limitHours} hours`}
        />{' '}
        of {limitHours} h
      </Figure>
    </>
  );
}

function Answers({ counts: { allowed, removed, latencies } }: { counts: GateCounts }) {
  const asked = allowed + removed;
  return (
    <>
      <Figure name="sources asked" value={countText(asked)} />
      <Figure name="removed" value={countText(removed)}>
        {asked > 0 && shareText(removed / asked)}
      </Figure>
      <RouteFigure name="allow list, median" latency={latencyOf(latencies, '/diasource_allow_list')} />
      <RouteFigure name="visit told, median" latency={latencyOf(latencies, '/visit_cache')} />
    </>
  );
}

/** Routes are counted by the path that was asked. */
const latencyOf = (latencies: readonly RouteLatency[], path: string): RouteLatency | undefined =>
  latencies.find(({ route }) => route === path);

function RouteFigure({ name, latency }: { name: string; latency: RouteLatency | undefined }) {
  if (!latency) return <Figure name={name} value="–" />;
  return (
    <Figure name={name} value={millisecondsText(latency.p50Seconds)}>
      99 % in {millisecondsText(latency.p99Seconds)}
    </Figure>
  );
}

function Figure(props: { name: string; value: string; bad?: boolean; children?: preact.ComponentChildren }) {
  return (
    <div class={props.bad ? 'bad' : ''}>
      <dt>{props.name}</dt>
      <dd>
        {props.value} <small>{props.children}</small>
      </dd>
    </div>
  );
}

function Refusals({ counts: { refusals } }: { counts: GateCounts }) {
  if (refusals.length === 0) return <p class="aside">No request was refused.</p>;
  return (
    <table class="refusals">
      <caption>Requests refused, since the services began</caption>
      <tbody>
        {refusals
          .toSorted((a, b) => b.count - a.count)
          .map(({ reason, count, lately }) => (
            <tr key={reason}>
              <th scope="row">
                {reasonWords[reason]}
                {reason === 'unknown_visit' && <small> (as each visit begins)</small>}
              </th>
              <td class="number">{countText(count)}</td>
              <td class={lately && ofTheGate.includes(reason) ? 'late' : 'muted'}>
                {lately ? 'in the last minute' : ''}
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Crossing({ crossing }: { crossing: readonly number[] }) {
  const data = useMemo<uPlot.AlignedData>(
    () => [crossing.map((_, index) => index + 1), [...crossing]],
    [crossing],
  );
  const words = crossingWords(crossing);
  return (
    <>
      <p class="aside">Catalogued satellites in the field of a visit. {words}</p>
      {crossing.length > 0 && (
        <Chart label={`Satellites by visit. ${words}`} height={180} options={crossingChart} data={data} />
      )}
    </>
  );
}

function crossingWords(crossing: readonly number[]): string {
  if (crossing.length === 0) return 'No visit was told of since the services began.';
  const sorted = [...crossing].sort((a, b) => a - b);
  const none = crossing.filter((count) => count === 0).length;
  const count = (value: number): string => countText(Math.round(value));
  return `Median ${count(sorted[Math.floor(sorted.length / 2)]!)}, most ${count(sorted.at(-1)!)}; none in ${none} of ${crossing.length} visits.`;
}

const crossingChart: ChartOptions = (ink) => ({
  legend: { show: false },
  cursor: { show: false },
  scales: {
    x: { time: false, range: ({ data }) => [0.5, Math.max(10, data[0].length) + 0.5] },
    y: { range: (_, __, high) => [-0.04 * Math.max(5, high * 1.1), Math.max(5, high * 1.1)] },
  },
  axes: [
    axis(ink, 'visit told', { incrs: [1, 2, 5, 10, 20, 50, 100] }),
    axis(ink, 'satellites', { incrs: [1, 2, 5, 10, 20, 50, 100], size: 50, space: 20 }),
  ],
  series: [
    {},
    {
      paths: () => null,
      points: { show: true, size: 7, stroke: ink.colour('--accent'), fill: ink.colour('--accent') },
    },
  ],
});
