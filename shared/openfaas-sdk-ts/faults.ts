/** Whose failure it is: the dependency's (hold the work) or the item's (retry it, or set it aside). */
export type Blame = 'dependency' | 'item';

interface Entry {
  readonly blame: Blame;
  readonly meaning: string;
  /** What the runtime does with a unit whose handler throws it. */
  readonly policy: 'hold' | 'retry' | 'dead' | 'stop';
  /** HTTP status where a request's handler throws it. */
  readonly status: number;
}

/**
 * The one catalogue of faults; docs/errors.md lists every code, and a test reads both ways.
 * A driver throws its client's errors as one of these, so that no caller needs to know the client.
 */
export const faults = {
  NS_DEPENDENCY_UNAVAILABLE: {
    blame: 'dependency',
    policy: 'hold',
    status: 503,
    meaning:
      'A service (Redis, Kafka, object store, database, gate, presence, registry) did not answer, or not in time.',
  },
  NS_DEPENDENCY_REFUSED: {
    blame: 'dependency',
    policy: 'hold',
    status: 503,
    meaning: 'A service answered that these credentials may not do this.',
  },
  NS_STORAGE_FULL: {
    blame: 'dependency',
    policy: 'hold',
    status: 503,
    meaning: 'The disk or quota behind a store is full.',
  },
  NS_RECORD_TOO_LARGE: {
    blame: 'item',
    policy: 'dead',
    status: 413,
    meaning: 'A record is larger than the log or the endpoint accepts.',
  },
  NS_RECORD_UNREADABLE: {
    blame: 'item',
    policy: 'dead',
    status: 400,
    meaning: 'A record cannot be parsed: wrong framing, JSON, Avro or FITS, or a missing or ill-typed field.',
  },
  NS_OBJECT_MISSING: {
    blame: 'item',
    policy: 'retry',
    status: 404,
    meaning: 'An object that a record names is not in its bucket (yet).',
  },
  NS_ITEM_REFUSED: {
    blame: 'item',
    policy: 'dead',
    status: 422,
    meaning: 'The item is well-formed, but a rule refuses it; the sentence names the rule.',
  },
  NS_LEASE_LOST: {
    blame: 'item',
    policy: 'retry',
    status: 409,
    meaning: 'Another worker took this unit over; what this one did after that was refused.',
  },
  NS_TIME_LIMIT: {
    blame: 'item',
    policy: 'retry',
    status: 504,
    meaning: 'A unit took longer than the limit that its function declares.',
  },
  NS_STOPPED: {
    blame: 'dependency',
    policy: 'hold',
    status: 503,
    meaning: 'This process was told to stop at once; the unit in hand is given back with its attempt.',
  },
  NS_UNEXPECTED: {
    blame: 'item',
    policy: 'retry',
    status: 500,
    meaning: 'An error that no rule foresees; the log line has its stack.',
  },
  NS_CONFIGURATION: {
    blame: 'item',
    policy: 'stop',
    status: 500,
    meaning: 'The configuration lacks a value or has one that cannot be; the start stops.',
  },
} as const satisfies Record<string, Entry>;

export type FaultCode = keyof typeof faults;

/** An error with a code of the catalogue. `dependency` names the service for those that blame one. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly dependency: string | undefined;

  constructor(code: FaultCode, message: string, options: { cause?: unknown; dependency?: string } = {}) {
    super(message, { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.dependency = options.dependency;
  }

  get blame(): Blame {
    return faults[this.code].blame;
  }
}

export const isFault = (error: unknown, code?: FaultCode): error is Fault =>
  error instanceof Fault && (code === undefined || error.code === code);

/** Runs a parser over a record: what it throws becomes NS_RECORD_UNREADABLE, so the record is set aside with the reason. */
export function reading<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('NS_RECORD_UNREADABLE', `${what} cannot be read: ${reason}`, { cause });
  }
}
