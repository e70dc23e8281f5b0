import type { Wiring } from 'openfaas-sdk-ts';
import type { LogReader } from '../ports/log-reader.ts';
import { kafkaAddress, type LogRole, logVariables } from './log-roles.ts';
import { wire } from './wire.ts';

export const logReader = (role: LogRole): Wiring<LogReader> =>
  wire({
    port: 'log-reader',
    role,
    variables: logVariables(role),
    real: {
      driver: 'kafka',
      async open(context) {
        const { kafkaLogReader } = await import('../drivers/kafka/log-reader.ts');
        return kafkaLogReader(kafkaAddress(role, context));
      },
    },
    embedded: {
      driver: 'sqlite',
      async open(options) {
        const { sqliteLogReader } = await import('../drivers/sqlite/log-reader.ts');
        return sqliteLogReader(options);
      },
    },
  });
