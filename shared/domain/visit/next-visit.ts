/** A nextVisit event, by the names of `lsst.sal.ScriptQueue.logevent_nextVisit`; only the fields that are passed on. */
export interface NextVisit {
  readonly salIndex: number;
  readonly scriptSalIndex: number;
  readonly instrument: string;
  readonly groupId: string;
  /** 1 NONE, 2 ICRS, 3 OBSERVED, 4 MOUNT. */
  readonly coordinateSystem: number;
  /** Unix seconds, TAI. */
  readonly startTime: number;
  /** 1 NONE, 2 SKY, 3 HORIZON, 4 MOUNT. */
  readonly rotationSystem: number;
  /** Degrees. */
  readonly cameraAngle: number;
  /** Physical filter, '' for any. */
  readonly filters: string;
  /** 1 CLOSED, 2 OPEN, 3 EITHER. */
  readonly dome: number;
  /** Of the script, seconds. */
  readonly duration: number;
  /** Snaps; 0 is unknown. */
  readonly nimages: number;
  readonly survey: string;
  readonly totalCheckpoints: number;
  /** Publication, Unix seconds TAI. */
  readonly private_sndStamp: number;
  /** Degrees; (ra, dec) where the coordinate system is ICRS. */
  readonly position: readonly [number, number];
}

/** What one worker is asked for: the event and its detector. */
export interface DetectorVisit extends NextVisit {
  readonly detector: number;
}

/** A float as Python's `repr` writes it (135.0, 1e-07): the original's readers expect that text. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  // CPython switches to the exponent form below 1e-4 and from 1e16 on.
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const size = Math.abs(exponent).toString().padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const plain = exponent < -6 ? value.toFixed(-exponent + digits.length) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** The 17 flat fields of one stream entry, in the original's order (next_visit_fan_out). */
export function streamFields(event: NextVisit, detector: number): Record<string, string> {
  return {
    salIndex: String(event.salIndex),
    scriptSalIndex: String(event.scriptSalIndex),
    instrument: event.instrument,
    groupId: event.groupId,
    coordinateSystem: String(event.coordinateSystem),
    startTime: pythonFloat(event.startTime),
    rotationSystem: String(event.rotationSystem),
    cameraAngle: pythonFloat(event.cameraAngle),
    filters: event.filters,
    dome: String(event.dome),
    duration: pythonFloat(event.duration),
    nimages: String(event.nimages),
    survey: event.survey,
    totalCheckpoints: String(event.totalCheckpoints),
    private_sndStamp: pythonFloat(event.private_sndStamp),
    position: `[${event.position.map(pythonFloat).join(', ')}]`,
    detector: String(detector),
  };
}

/** Reads a stream entry. @throws RangeError naming the field that is missing or cannot be read. */
export function parseStreamFields(fields: Readonly<Record<string, string>>): DetectorVisit {
  const text = (name: string): string => {
    const value = fields[name];
    if (value === undefined) throw new RangeError(`The stream entry lacks the field ${name}.`);
    return value;
  };
  const float = (name: string): number => {
    const value = text(name).trim();
    if (value === '' || !Number.isFinite(Number(value))) throw unreadable(name, value, 'a finite number');
    return Number(value);
  };
  const integer = (name: string, low = -Infinity, high = Infinity): number => {
    const value = text(name).trim();
    if (!/^-?\d+$/.test(value)) throw unreadable(name, value, 'an integer');
    if (Number(value) < low || Number(value) > high) throw unreadable(name, value, `${low} to ${high}`);
    return Number(value);
  };
  return {
    salIndex: integer('salIndex'),
    scriptSalIndex: integer('scriptSalIndex'),
    instrument: text('instrument'),
    groupId: text('groupId'),
    coordinateSystem: integer('coordinateSystem', 1, 4),
    startTime: float('startTime'),
    rotationSystem: integer('rotationSystem', 1, 4),
    cameraAngle: float('cameraAngle'),
    filters: text('filters'),
    dome: integer('dome', 1, 3),
    duration: float('duration'),
    nimages: integer('nimages', 0),
    survey: text('survey'),
    totalCheckpoints: integer('totalCheckpoints'),
    private_sndStamp: float('private_sndStamp'),
    position: parsePosition(text('position')),
    detector: integer('detector', 0),
  };
}

function parsePosition(text: string): [number, number] {
  const numbers = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map(Number);
  const [first, second] = numbers;
  if (numbers.length !== 2 || !Number.isFinite(first) || !Number.isFinite(second)) {
    throw unreadable('position', text, 'a list of two numbers');
  }
  return [first!, second!];
}

const unreadable = (name: string, value: string, wanted: string): RangeError =>
  new RangeError(`The stream entry's field ${name} is '${value}', which is not ${wanted}.`);
