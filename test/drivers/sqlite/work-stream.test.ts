import { sqliteWorkStream } from '#shared/drivers/sqlite/work-stream.ts';
import { workStreamContract } from '../../contracts/work-stream.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();
workStreamContract('SQLite', () => sqliteWorkStream({ data }));
