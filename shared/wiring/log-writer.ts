import type { Wiring } from 'openfaas-sdk-ts';
import type { LogWriter } from '../ports/log-writer.ts';
import { kafkaAddress, type LogRole, logVariables } from './log-roles.ts';
import { wire } from './wire.ts';

export const logWriter = (role: LogRole): Wiring<LogWriter> =>
  wire({
    port: 'log-writer',
    role,
    variables: logVariables(role),
    real: {
      driver: 'kafka',
      async open(context) {
        const { kafkaLogWriter } = await import('../drivers/kafka/log-writer.ts');
        return kafkaLogWriter(kafkaAddress(role, context));
      },
    },
    embedded: {
      driver: 'sqlite',
      async open(options) {
        const { sqliteLogWriter } = await import('../drivers/sqlite/log-writer.ts');
        return sqliteLogWriter(options);
      },
    },
  });
