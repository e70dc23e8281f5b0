import { sqliteLeases } from '#shared/drivers/sqlite/leases.ts';
import { leasesContract } from '../../contracts/leases.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();
leasesContract('SQLite', () => sqliteLeases({ data }));
