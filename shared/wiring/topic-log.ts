import type { OpenContext, Wiring } from 'openfaas-sdk-ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { LogWriter } from '../ports/log-writer.ts';
import { logReader } from './log-reader.ts';
import { type LogRole, logVariables } from './log-roles.ts';
import { logWriter } from './log-writer.ts';
import { wire } from './wire.ts';

/** Reader and writer of one log in one: a topic trigger reads its topic, and appends what is to be retried or is dead. */
export function topicLog(role: LogRole): Wiring<LogReader & LogWriter> {
  const open = async (context: OpenContext) => {
    const reader = await logReader(role).open(context);
    const writer = await logWriter(role).open(context);
    const close = async () => {
      await Promise.all([reader.close(), writer.close()]);
    };
    return { ...reader, ...writer, close };
  };
  return wire({
    port: 'topic-log',
    role,
    variables: logVariables(role),
    real: { driver: 'kafka', open },
    embedded: { driver: 'sqlite', open: (_, context) => open(context) },
  });
}
