import type { AvroSchema } from '../alert/avro.ts';

type Kind = 'double' | 'long' | 'string' | 'double[]';

const fields: readonly (readonly [name: string, type: Kind, doc: string])[] = [
  ['private_efdStamp', 'double', 'Published, Unix time UTC [s]'],
  ['private_kafkaStamp', 'double', 'Handed to Kafka, Unix time TAI [s]'],
  ['salIndex', 'long', 'Which script queue: 1 main telescope, 2 auxiliary telescope'],
  ['private_revCode', 'string', 'Revision of the message definition'],
  ['private_sndStamp', 'double', 'Published, Unix time TAI [s]'],
  ['private_rcvStamp', 'double', 'Received, Unix time TAI [s]'],
  ['private_seqNum', 'long', 'Events since the queue started'],
  ['private_identity', 'string', 'Sender, such as ScriptQueue:2'],
  ['private_origin', 'long', 'Process id of the sender'],
  ['scriptSalIndex', 'long', 'The script'],
  ['groupId', 'string', 'Group of the coming exposures: GROUPID of their headers'],
  ['coordinateSystem', 'long', 'Of position: 1 none, 2 ICRS, 3 observed, 4 mount'],
  ['position', 'double[]', 'Two coordinates: right ascension and declination where they are ICRS [deg]'],
  ['startTime', 'double', 'Expected start, Unix time TAI [s]'],
  ['rotationSystem', 'long', 'Of cameraAngle: 1 none, 2 sky, 3 horizon, 4 mount'],
  ['cameraAngle', 'double', 'Angle of the camera [deg]'],
  ['filters', 'string', 'Physical filter, empty for any'],
  ['dome', 'long', '1 closed, 2 open, 3 either'],
  ['duration', 'double', 'Of the script, not of the exposure [s]'],
  ['nimages', 'long', 'Exposures, 0 for unknown'],
  ['instrument', 'string', 'Short name; empty where it is no observation'],
  ['survey', 'string', 'Observing block, may be empty'],
  ['totalCheckpoints', 'long', 'Checkpoints of the script'],
];

const avroTypes = {
  double: { type: 'double', default: 0 },
  long: { type: 'long', default: 0 },
  string: { type: 'string', default: '' },
  'double[]': { type: { type: 'array', items: 'double' }, default: [0, 0] },
} as const;

/** The summit's announcement of a coming visit; 23 fields, each with a default. */
export const nextVisitSchema: AvroSchema = {
  type: 'record',
  name: 'logevent_nextVisit',
  namespace: 'lsst.sal.ScriptQueue',
  fields: fields.map(([name, type, doc]) => ({ name, ...avroTypes[type], doc })),
};
