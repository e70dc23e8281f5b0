import { diaSource as fieldTable } from '#shared/schemas/alert/v11-1/dia-source.ts';
import { type AlertDetails, type StampFacts, type StampKind, stampKinds } from '../answers.ts';
import { Band } from './alert-list.tsx';
import { Frame } from './frame.tsx';
import { LightCurve } from './light-curve.tsx';
import { usePolled } from './poll.ts';
import { decText, fluxText, numberText, raText } from './text.ts';

/** One alert: its stamps, its light curve, its fields. Asked for now and then, since its object may be seen again. */
export function AlertPage({ id }: { id: string }) {
  const {
    value: alert,
    missing,
    trouble,
  } = usePolled<AlertDetails>(`/console/alerts/${encodeURIComponent(id)}`, 5000);
  return (
    <Frame trouble={trouble}>
      <h1>
        Alert <span class="id">{id}</span>
      </h1>
      {missing && (
        <p>
          Nothing of this id is in the archive, nor among the newest alerts on the public topic.{' '}
          <a href="/">The newest alerts</a> are on the first page.
        </p>
      )}
      {alert && <Body alert={alert} />}
    </Frame>
  );
}

function Body({ alert }: { alert: AlertDetails }) {
  const { diaSource } = alert;
  return (
    <>
      <p class="lead">
        <Band band={diaSource.band} /> {fluxText(diaSource.psfFlux)} ± {fluxText(diaSource.psfFluxErr)} nJy,
        SNR {numberText(diaSource.snr, 1)} at {raText(diaSource.ra)} {decText(diaSource.dec)}, detector{' '}
        {diaSource.detector} of <a href={`/visits/${diaSource.visit}`}>visit {diaSource.visit}</a>
      </p>
      <section aria-labelledby="stamps">
        <h2 id="stamps">Stamps</h2>
        <div class="stamps">
          {stampKinds.map((kind) => (
            <StampFigure key={kind} id={alert.id} kind={kind} facts={alert.stamps} />
          ))}
        </div>
        {alert.stamps && (
          <p class="aside">
            {alert.stamps.side} × {alert.stamps.side} pixels, {alert.stamps.widthArcsec.toFixed(1)}″ wide.
            Science and template share one stretch; in the difference middle grey is zero, dark is negative.
          </p>
        )}
      </section>
      <div class="columns even">
        <section aria-labelledby="light-curve">
          <h2 id="light-curve">Light curve</h2>
          <LightCurve alert={alert} />
          <Others alert={alert} />
        </section>
        <section aria-labelledby="fields">
          <h2 id="fields">Fields</h2>
          <Fields alert={alert} />
          <Downloads alert={alert} />
        </section>
      </div>
    </>
  );
}

function StampFigure({ id, kind, facts }: { id: string; kind: StampKind; facts?: StampFacts }) {
  return (
    <figure>
      <div class="stamp">
        {facts ? (
          <>
            <img src={`/console/stamps/${id}/${kind}.png`} alt={`${kind} stamp`} width="256" height="256" />
            <Overlay facts={facts} compass={kind === 'difference'} />
          </>
        ) : (
          <p>The alert has no stamps.</p>
        )}
      </div>
      <figcaption>{kind}</figcaption>
    </figure>
  );
}

/** Ticks that point at the source, and where north and east are. */
function Overlay({ facts: { north, east }, compass }: { facts: StampFacts; compass: boolean }) {
  const arm = ([x, y]: readonly [number, number], length: number): [number, number] => [
    24 + x * length,
    76 - y * length,
  ];
  const [[nx, ny], [ex, ey]] = [arm(north, 11), arm(east, 11)];
  const [[nlx, nly], [elx, ely]] = [arm(north, 16), arm(east, 16)];
  return (
    <svg viewBox="0 0 100 100" aria-hidden="true">
      <path class="reticle" d="M50 28v12M72 50H60" />
      {compass && (
        <g class="compass">
          <path d={`M${nx} ${ny}L24 76L${ex} ${ey}`} />
          <text x={nlx} y={nly}>
            N
          </text>
          <text x={elx} y={ely}>
            E
          </text>
        </g>
      )}
    </svg>
  );
}

/** Fields that are looked at first; all others follow in the packet's order. */
const first: readonly string[] = [
  'diaSourceId',
  'diaObjectId',
  'visit',
  'detector',
  'band',
  'midpointMjdTai',
  'ra',
  'dec',
  'raErr',
  'decErr',
  'x',
  'y',
  'psfFlux',
  'psfFluxErr',
  'scienceFlux',
  'scienceFluxErr',
  'templateFlux',
  'apFlux',
  'snr',
  'isNegative',
  'isDipole',
  'extendedness',
  'trailLength',
  'reliability',
];

function Fields({ alert: { diaSource } }: { alert: AlertDetails }) {
  const rest = fieldTable.filter(([name]) => !first.includes(name));
  const leading = first.flatMap((wanted) => fieldTable.filter(([name]) => name === wanted));
  return (
    <>
      <FieldTable fields={leading} row={diaSource} />
      <details>
        <summary>All other fields of the diaSource</summary>
        <FieldTable fields={rest} row={diaSource} />
      </details>
    </>
  );
}

type FieldRows = readonly (readonly [name: string, type: string, doc: string])[];

function FieldTable({ fields, row }: { fields: FieldRows; row: object }) {
  const values = new Map<string, unknown>(Object.entries(row));
  return (
    <table class="fields">
      <tbody>
        {fields.map(([name, , doc]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{valueText(name, values.get(name))}</td>
            <td class="muted">{doc}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Digits that a double's field has: 0.01 s of time, 0.00004" on the sky. Others are 32-bit floats, of seven digits. */
const decimals = (name: string): number => (name.endsWith('MjdTai') ? 7 : 8);

function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  const isFloat = Math.fround(value) === value;
  return (isFloat ? String(Number(value.toPrecision(7))) : value.toFixed(decimals(name))).replace(
    '-',
    '\u2212',
  );
}

/** Other alerts of the same object: those before in the packet's history, those after among the newest. */
function Others({ alert }: { alert: AlertDetails }) {
  const before = alert.prvDiaSources.map(({ diaSourceId, midpointMjdTai, band, psfFlux }) => ({
    id: diaSourceId,
    mjdTai: midpointMjdTai,
    band,
    fluxNjy: psfFlux,
  }));
  const after = alert.later.map(({ id, midpointMjdTai, band, fluxNjy }) => ({
    id,
    mjdTai: midpointMjdTai,
    band,
    fluxNjy,
  }));
  const others = [...before, ...after].sort((a, b) => b.mjdTai - a.mjdTai);
  const object = alert.diaSource.diaObjectId;
  return (
    <>
      <h3>Other alerts of {object ? <>object {object}</> : 'the object'}</h3>
      {others.length === 0 && <p class="muted">This is its first.</p>}
      <ul class="others">
        {others.map(({ id, mjdTai, band, fluxNjy }) => (
          <li key={id}>
            <a href={`/alerts/${id}`}>{id}</a> <Band band={band} /> {fluxText(fluxNjy)} nJy, MJD{' '}
            {mjdTai.toFixed(5)}
            {mjdTai > alert.diaSource.midpointMjdTai && ' (later)'}
          </li>
        ))}
      </ul>
    </>
  );
}

function Downloads({ alert: { id, archived } }: { alert: AlertDetails }) {
  const base = `/function/archive-read/v1/alerts/${id}`;
  return (
    <>
      <h3>Downloads</h3>
      {archived ? (
        <ul class="downloads">
          <li>
            <a href={base} download={`${id}.avro.gz`}>
              packet
            </a>{' '}
            (Avro in Confluent framing, gzip)
          </li>
          <li>
            <a href={`${base}/fields`}>fields</a> (JSON)
          </li>
          {stampKinds.map((kind) => (
            <li key={kind}>
              <a href={`${base}/stamps/${kind}`} download={`${id}-${kind}.fits`}>
                {kind} stamp
              </a>{' '}
              (FITS)
            </li>
          ))}
        </ul>
      ) : (
        <p class="muted">The alert is published, and will be here when it is archived.</p>
      )}
    </>
  );
}
