import type { Type } from 'avsc';
import type { AvroSchema } from '../../schemas/alert/avro.ts';
import { avroType } from '../alert/avro-type.ts';
import { decodeBody } from '../alert/wire.ts';
import type { NextVisit } from './next-visit.ts';

/** A nextVisit record of the summit's topic, as far as it is used. `private_efdStamp`: publication, Unix s UTC; 0 is unknown. */
export interface NextVisitEvent extends NextVisit {
  readonly private_efdStamp: number;
}

const compiled = new Map<number, Type>();

/** Decodes the body of a record by the schema that its header names. @throws PacketError, or RangeError naming a field. */
export function decodeNextVisit(schemaId: number, schemaText: string, body: Uint8Array): NextVisitEvent {
  const type = compiled.get(schemaId) ?? avroType(JSON.parse(schemaText) as AvroSchema);
  compiled.set(schemaId, type);
  const value = decodeBody(type, body) as Record<string, unknown>;
  const number = (name: keyof NextVisitEvent): number => {
    const field = value[name];
    if (typeof field === 'number' || typeof field === 'bigint') return Number(field);
    throw new RangeError(`The nextVisit event's field ${name} is ${String(field)}, not a number.`);
  };
  const text = (name: keyof NextVisitEvent): string => {
    const field = value[name];
    if (typeof field === 'string') return field;
    throw new RangeError(`The nextVisit event's field ${name} is ${String(field)}, not a text.`);
  };
  return {
    salIndex: number('salIndex'),
    scriptSalIndex: number('scriptSalIndex'),
    instrument: text('instrument'),
    groupId: text('groupId'),
    coordinateSystem: number('coordinateSystem'),
    startTime: number('startTime'),
    rotationSystem: number('rotationSystem'),
    cameraAngle: number('cameraAngle'),
    filters: text('filters'),
    dome: number('dome'),
    duration: number('duration'),
    nimages: number('nimages'),
    survey: text('survey'),
    totalCheckpoints: number('totalCheckpoints'),
    private_sndStamp: number('private_sndStamp'),
    private_efdStamp: number('private_efdStamp'),
    position: positionOf(value.position),
  };
}

function positionOf(value: unknown): [number, number] {
  if (Array.isArray(value) && value.length === 2 && value.every((axis) => typeof axis === 'number')) {
    return [value[0], value[1]];
  }
  throw new RangeError(`The nextVisit event's field position is ${JSON.stringify(value)}, not two numbers.`);
}
