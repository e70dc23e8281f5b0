import { randomUUID } from 'node:crypto';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import type { LogSuite } from '../../contracts/log.ts';
import { logReaderContract } from '../../contracts/log-reader.ts';
import { logWriterContract } from '../../contracts/log-writer.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();

const suite: LogSuite = {
  world: 'embedded',
  rebalanceMs: 5000,
  newTopic: async () => `topic-${randomUUID()}`,
  async open() {
    const [reader, writer] = [await sqliteLogReader({ data }), await sqliteLogWriter({ data })];
    const close = async () => {
      await reader.close();
      await writer.close();
    };
    return { ...reader, ...writer, close };
  },
};

logWriterContract('SQLite', suite);
logReaderContract('SQLite', suite);
