import type { DiaForcedSource, DiaObject, DiaSource, MpcOrbits, SsSource } from './row.ts';
import { alertSchema } from './schema.ts';
import { decodeBody, encodeFramed, PacketError, unframe } from './wire.ts';

/** FITS files around the source (stamps.ts), or null where the centroid is off the image. */
export interface Stamps {
  readonly difference: Uint8Array | null;
  readonly science: Uint8Array | null;
  readonly template: Uint8Array | null;
}

interface ObjectFields {
  readonly prvDiaSources: readonly DiaSource[] | null;
  readonly prvDiaForcedSources: readonly DiaForcedSource[] | null;
  readonly diaObject: DiaObject;
  readonly ssSource: null;
  readonly mpc_orbits: null;
}

interface SolarSystemFields {
  readonly prvDiaSources: null;
  readonly prvDiaForcedSources: null;
  readonly diaObject: null;
  readonly ssSource: SsSource;
  readonly mpc_orbits: MpcOrbits;
}

/** An alert of schema 11.1. Exactly one of diaObject and ssSource is set. */
export type Alert = {
  readonly diaSourceId: bigint;
  readonly observation_reason: string | null;
  readonly target_name: string | null;
  readonly diaSource: DiaSource;
  readonly cutoutDifference: Uint8Array | null;
  readonly cutoutScience: Uint8Array | null;
  readonly cutoutTemplate: Uint8Array | null;
} & (ObjectFields | SolarSystemFields);

/** A stationary object, updated by this source, with what is known of it: at most the last 12 months. */
export interface KnownObject {
  readonly diaObject: DiaObject;
  readonly sources: readonly DiaSource[];
  readonly forcedSources: readonly DiaForcedSource[];
}

/** A solar-system object with its orbit. */
export interface KnownOrbit {
  readonly ssSource: SsSource;
  readonly mpcOrbits: MpcOrbits;
}

export interface AlertParts {
  readonly diaSource: DiaSource;
  readonly belongsTo: KnownObject | KnownOrbit;
  readonly stamps: Stamps;
  /** The scheduler's words; empty where it had none. */
  readonly observationReason: string;
  readonly targetName: string;
}

/**
 * The alert of one source (rules of the original, ap_association's packageAlerts). An object of one source has no
 * history; of more, its earlier sources without this one, and its forced photometry, this visit's included.
 * Throws RangeError where the source names another object than the one given.
 */
export function buildAlert(parts: AlertParts): Alert {
  const { diaSource, belongsTo, stamps } = parts;
  return {
    diaSourceId: diaSource.diaSourceId,
    observation_reason: parts.observationReason || null,
    target_name: parts.targetName || null,
    diaSource,
    ...('diaObject' in belongsTo
      ? objectFields(diaSource, belongsTo)
      : solarSystemFields(diaSource, belongsTo)),
    cutoutDifference: stamps.difference,
    cutoutScience: stamps.science,
    cutoutTemplate: stamps.template,
  };
}

function objectFields(diaSource: DiaSource, known: KnownObject): ObjectFields {
  const { diaObject } = known;
  const id = diaObject.diaObjectId;
  requireOwner(diaSource, 'diaObjectId', id);
  const ofObject = (row: { diaObjectId: bigint | null; midpointMjdTai: number }) =>
    row.diaObjectId === id && row.midpointMjdTai <= diaSource.midpointMjdTai;
  const sources = known.sources.filter((row) => ofObject(row) && row.diaSourceId !== diaSource.diaSourceId);
  const hasHistory = diaObject.nDiaSources > 1;
  return {
    prvDiaSources: hasHistory ? sources.sort(byTime((row) => row.diaSourceId)) : null,
    prvDiaForcedSources: hasHistory
      ? known.forcedSources.filter(ofObject).sort(byTime((row) => row.diaForcedSourceId))
      : null,
    diaObject,
    ssSource: null,
    mpc_orbits: null,
  };
}

function solarSystemFields(diaSource: DiaSource, { ssSource, mpcOrbits }: KnownOrbit): SolarSystemFields {
  requireOwner(diaSource, 'ssObjectId', ssSource.ssObjectId);
  return {
    prvDiaSources: null,
    prvDiaForcedSources: null,
    diaObject: null,
    ssSource,
    // The original publishes 0 there: the number means nothing outside the Minor Planet Center's database.
    mpc_orbits: { ...mpcOrbits, id: 0 },
  };
}

/** A source belongs to a diaObject or to an ssObject, never to both. */
function requireOwner(diaSource: DiaSource, owner: 'diaObjectId' | 'ssObjectId', id: bigint): void {
  const other = owner === 'diaObjectId' ? 'ssObjectId' : 'diaObjectId';
  if (diaSource[owner] === id && diaSource[other] === null) return;
  throw new RangeError(
    `The alert of source ${diaSource.diaSourceId} is for ${owner} ${id}, but the source has ${owner} ` +
      `${diaSource[owner]} and ${other} ${diaSource[other]}.`,
  );
}

const byTime =
  <Row extends { midpointMjdTai: number }>(id: (row: Row) => bigint) =>
  (a: Row, b: Row): number =>
    a.midpointMjdTai - b.midpointMjdTai || (id(a) < id(b) ? -1 : 1);

/** The packet: header of schema 1101 and Avro body. Throws PacketError naming the first field that does not fit. */
export function encodeAlert(alert: Alert): Uint8Array {
  const { id, type } = alertSchema('11.1');
  const value = {
    ...alert,
    cutoutDifference: asBuffer(alert.cutoutDifference),
    cutoutScience: asBuffer(alert.cutoutScience),
    cutoutTemplate: asBuffer(alert.cutoutTemplate),
  };
  const errorHook = (path: string[], given: unknown): never => {
    throw new PacketError(`The alert ${alert.diaSourceId} cannot be encoded: ${path.join('.')} is ${given}.`);
  };
  type.isValid(value, { errorHook });
  return encodeFramed(id, type, value);
}

/** avsc takes bytes as Buffer only. */
const asBuffer = (bytes: Uint8Array | null): Buffer | null =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** The alert of a packet of schema 1101. Throws PacketError for another schema and for damaged bytes. */
export function decodeAlert(packet: Uint8Array): Alert {
  const { schemaId, body } = unframe(packet);
  const { id, type } = alertSchema('11.1');
  if (schemaId !== id)
    throw new PacketError(`The packet is of schema ${schemaId}; it is read with schema ${id} only.`);
  return decodeBody(type, body) as Alert;
}
