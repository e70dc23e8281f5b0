import type { DiaForcedSource, DiaObject, DiaSource } from '#shared/domain/alert/row.ts';
import type { Step } from '#shared/domain/ledger/entry.ts';
import type { RefusalReason } from '../../functions/sattle-check/refusal.ts';
import type { Night } from '../supervisor/night-file.ts';

/** What the console answers and its page draws, as JSON: 64-bit ids are decimal text. */

/** How a detector of a visit stands, in the order of the work; the last three end it without alerts. */
export const standings = [
  'wanted',
  'arrived',
  'working',
  'published',
  'archived',
  'expired',
  'refused',
  'withheld',
] as const;

export type Standing = (typeof standings)[number];

/** Answer of `/console/state`. */
export interface NightAnswer {
  /** Absent where nothing is simulated: the night's clock is then the machine's. */
  readonly night?: Night;
  readonly totals: Totals;
  /** The newest, newest first. */
  readonly visits: readonly VisitAnswer[];
  /** Of finished visits in the order of the night, the newest {@link VisitAnswer}s and many before them. */
  readonly latencies: readonly VisitLatency[];
}

export interface Totals {
  readonly visits: number;
  /** Detector-visits that nextVisit asked for, and of them by how they stand. */
  readonly detectorVisits: number;
  readonly standing: Readonly<Record<Standing, number>>;
  /** Alerts acknowledged by the public topic, and stored in the archive. */
  readonly published: number;
  readonly archived: number;
  /** Sources that the gate took away: of satellites, and trails that no catalogue explains. Nothing else is known of them. */
  readonly satellites: number;
  readonly trails: number;
}

export interface VisitAnswer {
  readonly group: string;
  readonly instrument: string;
  /** Absent until a raw has come. */
  readonly visit?: string;
  /** Unix ms, process clock: when the visit was fanned out. */
  readonly wantedMs: number;
  /** Numbers of the detectors by how they stand. */
  readonly detectors: Readonly<Partial<Record<Standing, readonly number[]>>>;
  readonly published: number;
  readonly archived: number;
  /** Of a finished visit with alerts: see {@link VisitLatency}. */
  readonly latencySeconds?: number;
}

export interface VisitLatency {
  readonly group: string;
  readonly visit?: string;
  /** From the last raw that was ingested to the last acknowledgement of the public topic, process clock. */
  readonly seconds: number;
}

/** Answer of `/console/gate`: counts, never which source, satellite or place. */
export interface GateAnswer {
  /** Hours between a visit and its catalogue, beyond which the gate refuses. */
  readonly limitHours: number;
  /** What a visit of now is judged by, or would be if it were not too old. */
  readonly catalogue?: { readonly id: string; readonly size: number; readonly ageHours: number };
  /** Why no visit of now can be judged. */
  readonly refuses?: string;
  /** Absent where the gate runs elsewhere. */
  readonly counts?: GateCounts;
  /** Detectors that are measured and not gated, and for how long the first of them has been, in steps of 10 s. */
  readonly waiting: { readonly detectors: number; readonly seconds: number };
}

/** Since the services began. */
export interface GateCounts {
  readonly allowed: number;
  readonly removed: number;
  readonly refusals: readonly {
    readonly reason: RefusalReason;
    readonly count: number;
    /** Within the last minute. */
    readonly lately: boolean;
    /** No source was answered since. */
    readonly lasting: boolean;
  }[];
  readonly latencies: readonly RouteLatency[];
  /** Satellites in the field, by visit. */
  readonly crossing: readonly number[];
}

export interface RouteLatency {
  readonly route: string;
  readonly answers: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
}

/** Answer of `/console/visits/{group}`. */
export interface VisitDetails extends VisitAnswer {
  readonly accounts: readonly DetectorDetails[];
}

export interface DetectorDetails {
  readonly detector: number;
  readonly standing: Standing;
  readonly cause?: string;
  /** In the order of their times. */
  readonly steps: readonly {
    readonly step: Step;
    readonly timeMs: number;
    readonly attempt: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly cause?: string;
  }[];
}

/** One row of the answer of `/console/alerts`, which has the newest first. */
export interface AlertRow {
  readonly id: string;
  readonly object?: string;
  readonly visit: string;
  readonly detector: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly band: string | null;
  readonly midpointMjdTai: number;
  /** Difference flux and its error, nJy. */
  readonly fluxNjy: number | null;
  readonly fluxErrNjy: number | null;
  readonly snr: number | null;
  /** How often the object has been seen, this time included. */
  readonly detections: number;
  /** Unix ms, process clock: when the public topic took it. */
  readonly publishedMs: number;
}

/** A value as JSON shows it: what is a 64-bit integer in the packet is text. */
type Shown<Row> = {
  readonly [Field in keyof Row]: Row[Field] extends bigint | null ? string | null : Row[Field];
};

/** Answer of `/console/alerts/{id}`. */
export interface AlertDetails {
  readonly id: string;
  readonly archived: boolean;
  readonly diaSource: Shown<DiaSource>;
  readonly diaObject: Shown<DiaObject> | null;
  readonly prvDiaSources: readonly Shown<DiaSource>[];
  readonly prvDiaForcedSources: readonly Shown<DiaForcedSource>[];
  /** Newest alerts of the same object after this one. */
  readonly later: readonly AlertRow[];
  /** How the stamps lie on the sky; absent where the alert has none. */
  readonly stamps?: StampFacts;
}

export interface StampFacts {
  readonly side: number;
  /** Width of the stamp, arcsec. */
  readonly widthArcsec: number;
  /** Unit vectors in the stamp, x to the right and y up. */
  readonly north: readonly [number, number];
  readonly east: readonly [number, number];
}

export const stampKinds = ['science', 'template', 'difference'] as const;
export type StampKind = (typeof stampKinds)[number];
