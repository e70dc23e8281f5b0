import { type Detector, findInstrument } from '#shared/domain/ids/instruments.ts';
import { type Standing, standings, type VisitAnswer } from '../answers.ts';

/** What a standing is called, and what that means. */
export const standingWords: Readonly<Record<Standing, string>> = {
  wanted: 'nextVisit asked for it; its raw has not come',
  arrived: 'its raw is ingested',
  working: 'its pixels are at work',
  published: 'its alerts are on the public topic',
  archived: 'its alerts are published and archived',
  expired: 'no raw came in time',
  refused: 'it could not be processed',
  withheld: 'the satellite gate never answered',
};

/**
 * The mark of each standing in a square of 10 x 10, so that nobody needs colours to tell them apart: nothing, a dot, a
 * half, a bar, a tick; a dash, a cross, two bars.
 */
const marks: Readonly<Record<Standing, string>> = {
  wanted: '',
  arrived: 'M5 5h.01',
  working: 'M2 8L8 2',
  published: 'M2.500 5h5M5.500 3l2 2-2 2',
  archived: 'M2.500 5.300l1.800 1.900L7.700 3',
  expired: 'M2.500 5h5',
  refused: 'M2.800 2.800l4.400 4.400M7.200 2.800l-4.400 4.400',
  withheld: 'M3.500 2.500v5M6.500 2.500v5',
};

export function Mark({ standing }: { standing: Standing }) {
  return (
    <svg class={`mark ${standing}`} viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx="1" />
      <path d={marks[standing]} />
    </svg>
  );
}

/** Detectors of a visit where they lie in the focal plane, y up, each in the look of its standing. */
export function FocalPlane({ visit, linked }: { visit: VisitAnswer; linked?: boolean }) {
  const instrument = findInstrument(visit.instrument);
  const standingOf = new Map(
    standings.flatMap((standing) =>
      (visit.detectors[standing] ?? []).map((number) => [number, standing] as const),
    ),
  );
  const science = instrument?.detectors.filter(
    ({ purpose, number }) => purpose === 'SCIENCE' || standingOf.has(number),
  );
  if (!science?.length) return null;
  const edge = Math.max(
    ...science.map((one) => Math.max(Math.abs(one.offsetXmm), Math.abs(one.offsetYmm)) + half(one)),
  );
  return (
    <svg
      class="focal-plane"
      viewBox={`${-edge} ${-edge} ${2 * edge} ${2 * edge}`}
      role={linked ? 'group' : 'img'}
      aria-label={`Focal plane: ${countsText(visit)}`}
    >
      {science.map((detector) => (
        <Sensor
          key={detector.number}
          detector={detector}
          standing={standingOf.get(detector.number)}
          linked={linked}
        />
      ))}
    </svg>
  );
}

const half = ({ width, height, pixelMm }: Detector): number => (Math.max(width, height) * pixelMm) / 2;

function Sensor(props: { detector: Detector; standing?: Standing; linked?: boolean }) {
  const { detector, standing, linked } = props;
  const [width, height] = [detector.width * detector.pixelMm, detector.height * detector.pixelMm];
  const [x, y] = [detector.offsetXmm - width / 2, -detector.offsetYmm - height / 2];
  const words = `detector ${detector.number} ${detector.name}: ${standing ?? 'not part of this visit'}`;
  const drawn = (
    <g class={standing ?? 'absent'}>
      <title>{words}</title>
      <rect x={x} y={y} width={width} height={height} rx={width / 20} />
      {standing && (
        <path d={marks[standing]} transform={`translate(${x} ${y}) scale(${width / 10} ${height / 10})`} />
      )}
    </g>
  );
  return linked && standing ? (
    <a href={`#detector-${detector.number}`} aria-label={words}>
      {drawn}
    </a>
  ) : (
    drawn
  );
}

/** `7 archived, 2 working`. */
export const countsText = ({ detectors }: VisitAnswer): string =>
  standings
    .filter((standing) => detectors[standing]?.length)
    .map((standing) => `${detectors[standing]!.length} ${standing}`)
    .join(', ');

export function Legend() {
  return (
    <ul class="legend">
      {standings.map((standing) => (
        <li key={standing} title={standingWords[standing]}>
          <Mark standing={standing} /> {standing}
        </li>
      ))}
    </ul>
  );
}
