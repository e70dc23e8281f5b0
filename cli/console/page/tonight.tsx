import { useEffect, useState } from 'preact/hooks';
import type { AlertRow, GateAnswer, NightAnswer, Standing, Totals, VisitAnswer } from '../answers.ts';
import { AlertList } from './alert-list.tsx';
import { countsText, FocalPlane, Legend } from './focal-plane.tsx';
import { Frame } from './frame.tsx';
import { Gate, GateAlarm, gateTrouble } from './gate.tsx';
import { moveFocus } from './keys.ts';
import { Latency, limitSeconds } from './latency.tsx';
import { usePolled } from './poll.ts';
import { clockText, countText, secondsText, utcText } from './text.ts';

/** The night as it happens. */
export function Tonight() {
  const state = usePolled<NightAnswer>('/console/state');
  const alerts = usePolled<readonly AlertRow[]>('/console/alerts');
  const gate = usePolled<GateAnswer>('/console/gate');
  const gateAlarm = gate.value && gateTrouble(gate.value);
  const night = state.value;
  return (
    <Frame
      trouble={
        state.trouble ??
        alerts.trouble ??
        gate.trouble ??
        (gate.value && gateAlarm && <GateAlarm gate={gate.value} trouble={gateAlarm} />)
      }
      aside={night && <NightClock answer={night} aheadMs={state.clockAheadMs} />}
    >
      <h1 class="unseen">The night as it happens</h1>
      {night && <Counts totals={night.totals} />}
      <div class="columns">
        <div>
          <section aria-labelledby="visits">
            <h2 id="visits">Visits</h2>
            {night?.visits.length === 0 && (
              <p>No visit yet. The telescope announces the first one some 30 s before its shutter opens.</p>
            )}
            <ol class="visits" onKeyDown={moveFocus}>
              {night?.visits.map((visit) => (
                <VisitRow key={visit.group} visit={visit} />
              ))}
            </ol>
            <Legend />
          </section>
          {night && <Latency latencies={night.latencies} />}
          {gate.value && <Gate gate={gate.value} trouble={gateAlarm} />}
        </div>
        <section aria-labelledby="alerts">
          <h2 id="alerts">Newest alerts</h2>
          {alerts.value && <AlertList alerts={alerts.value} />}
        </section>
      </div>
    </Frame>
  );
}

/** Camera, seed, and the time of the sky, which runs by the night's own clock. */
function NightClock({ answer: { night }, aheadMs }: { answer: NightAnswer; aheadMs: number }) {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!night) return <>{utcText(nowMs + aheadMs)} UTC</>;
  const nightMs = night.originMs + (nowMs + aheadMs - night.atMs) * night.speed;
  const pace = night.speed === 0 ? ', from visit to visit' : night.speed === 1 ? '' : ` × ${night.speed}`;
  return (
    <>
      {night.camera}, seed {night.seed} <time class="clock">{utcText(nightMs)} UTC</time>
      {pace}
    </>
  );
}

const endings: readonly Standing[] = ['expired', 'refused', 'withheld'];

function Counts({ totals }: { totals: Totals }) {
  const { standing } = totals;
  const atWork = standing.arrived + standing.working;
  const lost = endings.filter((name) => standing[name] > 0);
  return (
    <dl class="counts" aria-label="Counts of the ledger">
      <Count name="visits" count={totals.visits} />
      <Count name="detector-visits" count={totals.detectorVisits} />
      <Count name="at work" count={atWork} />
      <Count name="alerts published" count={totals.published} strong />
      <Count name="archived" count={totals.archived} strong />
      <Count name="gated: satellites" count={totals.satellites} />
      <Count name="gated: trails" count={totals.trails} />
      {lost.map((name) => (
        <Count key={name} name={`detectors ${name}`} count={standing[name]} />
      ))}
    </dl>
  );
}

const Count = ({ name, count, strong }: { name: string; count: number; strong?: boolean }) => (
  <div class={strong ? 'strong' : ''}>
    <dt>{name}</dt>
    <dd>{countText(count)}</dd>
  </div>
);

function VisitRow({ visit }: { visit: VisitAnswer }) {
  return (
    <li>
      <a class="visit" href={`/visits/${encodeURIComponent(visit.group)}`}>
        <FocalPlane visit={visit} />
        <span class="what">
          <strong>{visit.visit ?? visit.group}</strong>
          <span class="muted">
            {visit.visit ? 'announced' : 'announced, no raw yet,'} {clockText(visit.wantedMs).slice(0, 8)}
          </span>
          <span class="standing">{countsText(visit)}</span>
        </span>
        {visit.published > 0 && <Figures visit={visit} />}
      </a>
    </li>
  );
}

function Figures({ visit: { published, archived, latencySeconds } }: { visit: VisitAnswer }) {
  const late = latencySeconds !== undefined && latencySeconds > limitSeconds;
  return (
    <span class="figures">
      <span>
        <strong>{countText(published)}</strong> alerts
      </span>
      <span class={archived < published ? '' : 'muted'}>{countText(archived)} archived</span>
      {latencySeconds !== undefined && (
        <span class={late ? 'late' : 'muted'}>
          {secondsText(latencySeconds)}
          {late && ' (late)'}
        </span>
      )}
    </span>
  );
}
