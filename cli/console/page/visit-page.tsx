import { findInstrument } from '#shared/domain/ids/instruments.ts';
import type { DetectorDetails, VisitDetails } from '../answers.ts';
import { countsText, FocalPlane, Legend, Mark } from './focal-plane.tsx';
import { Frame } from './frame.tsx';
import { usePolled } from './poll.ts';
import { clockText, countText, secondsText } from './text.ts';

/** What the ledger says of each detector of a visit. */
export function VisitPage({ group }: { group: string }) {
  const {
    value: visit,
    missing,
    trouble,
  } = usePolled<VisitDetails>(`/console/visits/${encodeURIComponent(group)}`);
  return (
    <Frame trouble={trouble}>
      <h1>
        Visit <span class="id">{visit?.visit ?? group}</span>
      </h1>
      {missing && (
        <p>
          The ledger knows no visit of the group {group}, or it was long ago; <code>nightshift ledger</code>{' '}
          knows all of them.
        </p>
      )}
      {visit && <Body visit={visit} />}
    </Frame>
  );
}

function Body({ visit }: { visit: VisitDetails }) {
  return (
    <>
      <p class="lead">
        {visit.instrument}, group {visit.group}: {countsText(visit)}; {countText(visit.published)} alerts
        published, {countText(visit.archived)} archived
        {visit.latencySeconds !== undefined && (
          <>; {secondsText(visit.latencySeconds)} from the last raw to the last alert</>
        )}
        .
      </p>
      <div class="visit-plane">
        <FocalPlane visit={visit} linked />
        <Legend />
      </div>
      <h2>Detectors</h2>
      <ol class="detectors">
        {visit.accounts.map((account) => (
          <DetectorAccount key={account.detector} account={account} instrument={visit.instrument} />
        ))}
      </ol>
    </>
  );
}

function DetectorAccount({ account, instrument }: { account: DetectorDetails; instrument: string }) {
  const { detector, standing, cause, steps } = account;
  const name = findInstrument(instrument)?.detectors.find(({ number }) => number === detector)?.name;
  const begin = steps[0]?.timeMs ?? 0;
  return (
    <li id={`detector-${detector}`} tabIndex={-1}>
      <h3>
        <Mark standing={standing} /> {detector} {name}: {standing}
      </h3>
      {cause && <p class="cause">{cause}</p>}
      <div class="scroll">
        <table>
          <tbody>
            {steps.map(({ step, timeMs, attempt, counts, cause }) => (
              <tr key={step}>
                <th scope="row">{step}</th>
                <td class="number">{clockText(timeMs)}</td>
                <td class="number muted">+{((timeMs - begin) / 1000).toFixed(1)} s</td>
                <td>
                  {[
                    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
                    ...Object.entries(counts).map(inWords),
                  ].join(', ')}
                </td>
                <td>{cause}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </li>
  );
}

const inWords = ([name, count]: [string, number]): string => `${name} ${countText(count)}`;
