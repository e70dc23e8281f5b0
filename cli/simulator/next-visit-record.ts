import avro from 'avsc';
import { frame } from '#shared/domain/alert/wire.ts';
import { nextVisitSchema } from '#shared/schemas/events/next-visit.ts';
import type { Plan, Visit } from './survey-plan.ts';
import { unixMsFromTai } from './tai.ts';

/** Id of logevent_nextVisit in the registry. */
const SCHEMA_ID = 1;
const codec = avro.Type.forSchema(nextVisitSchema as avro.Schema);

/** The script takes the slew, the exposure and the read-out, as on the summit. */
const SCRIPT_SECONDS = 35;

/** The announcement of a visit as the summit's script queue sends it: Confluent framing, all 23 fields, no clock. */
export function nextVisitRecord({ instrument }: Plan, visit: Visit): Uint8Array {
  const sentTai = visit.announce / 1000;
  const body = codec.toBuffer({
    private_efdStamp: unixMsFromTai(visit.announce) / 1000,
    private_kafkaStamp: sentTai,
    salIndex: 1,
    private_revCode: 'simulator',
    private_sndStamp: sentTai,
    private_rcvStamp: 0,
    private_seqNum: visit.index + 1,
    private_identity: 'ScriptQueue:1',
    private_origin: 1,
    scriptSalIndex: 200_000 + visit.index,
    groupId: visit.group,
    coordinateSystem: 2,
    position: [visit.raDeg, visit.decDeg],
    startTime: visit.begin / 1000,
    rotationSystem: 2,
    cameraAngle: visit.skyAngleDeg,
    filters: visit.physicalFilter,
    dome: 2,
    duration: SCRIPT_SECONDS,
    nimages: 1,
    instrument: instrument.name,
    survey: 'BLOCK-365',
    totalCheckpoints: 1,
  });
  return frame(SCHEMA_ID, body);
}
