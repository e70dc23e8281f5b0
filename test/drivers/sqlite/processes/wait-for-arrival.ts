import { sqliteArrivals } from '#shared/drivers/sqlite/arrivals.ts';

// Waits for one arrival and tells when it came: DATA KEY (JSON).
const [data, key] = process.argv.slice(2);
const arrivals = await sqliteArrivals({ data });
process.stdout.write('waiting\n');
const uri = await arrivals.wait(JSON.parse(key), { waitSeconds: 20 });
process.stdout.write(`${JSON.stringify({ uri, atMs: Date.now() })}\n`);
await arrivals.close();
