import type { AlertRow } from '../answers.ts';
import { moveFocus } from './keys.ts';
import { fluxText, numberText, shortId } from './text.ts';

/** Alerts as rows; each row's link is its id, and a click anywhere on the row follows it. */
export function AlertList({ alerts }: { alerts: readonly AlertRow[] }) {
  if (alerts.length === 0) return <p>No alert yet. The first ones come some seconds after the first raw.</p>;
  return (
    <div class="scroll">
      <table class="alerts">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">difference</span>
            </th>
            <th scope="col">alert</th>
            <th scope="col" class="number">
              RA, Dec (°)
            </th>
            <th scope="col">band</th>
            <th scope="col" class="number">
              flux (nJy)
            </th>
            <th scope="col" class="number">
              SNR
            </th>
            <th scope="col" class="number">
              seen
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={moveFocus}>
          {alerts.map((alert) => (
            <Row key={alert.id} alert={alert} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ alert }: { alert: AlertRow }) {
  return (
    <tr>
      <td class="stamp">
        <img
          src={`/console/stamps/${alert.id}/difference.png`}
          alt=""
          width="44"
          height="44"
          loading="lazy"
        />
      </td>
      <td>
        <a href={`/alerts/${alert.id}`} aria-label={`Alert ${alert.id}`} title={alert.id}>
          {shortId(alert.id)}
        </a>
        <small>detector {alert.detector}</small>
      </td>
      <td class="number">
        {numberText(alert.raDeg, 5)}
        <small>{numberText(alert.decDeg, 5)}</small>
      </td>
      <td>
        <Band band={alert.band} />
      </td>
      <td class="number">
        {fluxText(alert.fluxNjy)}
        <small>± {fluxText(alert.fluxErrNjy)}</small>
      </td>
      <td class="number">{numberText(alert.snr, 1)}</td>
      <td class="number">{alert.detections}×</td>
    </tr>
  );
}

export const Band = ({ band }: { band: string | null }) => (
  <span class={`band band-${band}`}>{band ?? '–'}</span>
);
