import { sqliteArrivals } from '#shared/drivers/sqlite/arrivals.ts';
import { arrivalsContract } from '../../contracts/arrivals.ts';
import { suiteFolder } from '../../support/folders.ts';

const data = suiteFolder();
arrivalsContract('SQLite', () => sqliteArrivals({ data }));
