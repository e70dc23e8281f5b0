import type { AlertTables } from '../table.ts';
import { diaForcedSource } from './dia-forced-source.ts';
import { diaObject } from './dia-object.ts';
import { diaSource } from './dia-source.ts';
import { mpcOrbits } from './mpc-orbits.ts';
import { ssSource } from './ss-source.ts';

/** Alert schema 11.1; names, order and types are those of `lsst-alert-packet` 30.2026.2700. */
export const alert11_1: AlertTables = {
  alert: [
    ['diaSourceId', 'long', 'Id of the source that this alert is about'],
    ['observation_reason', 'string?', 'Why the scheduler took the image'],
    ['target_name', 'string?', 'What the scheduler pointed at'],
    ['diaSource', 'record:diaSource', 'The source'],
    ['prvDiaSources', 'list:diaSource?', 'Earlier sources of the same object, by time'],
    ['prvDiaForcedSources', 'list:diaForcedSource?', 'Forced photometry of the object, by time'],
    ['diaObject', 'record:diaObject?', 'The object that the source belongs to'],
    [
      'ssSource',
      'record:ssSource?',
      'The solar-system object that the source belongs to, as seen and predicted',
    ],
    ['mpc_orbits', 'record:mpc_orbits?', 'The orbit of that solar-system object'],
    ['cutoutDifference', 'bytes?', 'Stamp of the difference image, a FITS file'],
    ['cutoutScience', 'bytes?', 'Stamp of the science image, a FITS file'],
    ['cutoutTemplate', 'bytes?', 'Stamp of the template, a FITS file'],
  ],
  records: { diaSource, diaForcedSource, diaObject, ssSource, mpc_orbits: mpcOrbits },
};
