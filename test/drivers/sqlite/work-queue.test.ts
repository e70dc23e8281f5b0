import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';
import { workQueueContract } from '../../contracts/work-queue.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();
workQueueContract('SQLite', () => sqliteWorkQueue({ data }));
