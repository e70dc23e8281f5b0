import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { sqliteArrivals } from '#shared/drivers/sqlite/arrivals.ts';
import { sqliteWorkQueue } from '#shared/drivers/sqlite/work-queue.ts';

// The peer of requests.ts: the same store calls behind node:http, with no framework, check, log or metric.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '8080' }, data: { type: 'string', default: '.' } },
});
const options = { data: values.data, fsync: false };
const queue = await sqliteWorkQueue(options);
const arrivals = await sqliteArrivals(options);

createServer(async (request, response) => {
  if (request.url === '/_/ready') return void response.end('OK');
  if (positionals[0] === 'presence') {
    const [, , instrument, group, snap, detector] = (request.url ?? '').split('/').map(decodeURIComponent);
    const key = { instrument: instrument!, group: group!, snap: Number(snap), detector: detector! };
    const uri = await arrivals.find(key);
    return void response.end(JSON.stringify({ error: false, present: uri !== undefined, uri }));
  }
  let body = '';
  for await (const part of request) body += part;
  const [{ s3 }] = JSON.parse(body).Records;
  const { key, eTag, sequencer } = s3.object;
  await queue.push(`QUEUE:${s3.bucket.name}`, [{ item: `${s3.bucket.name}/${key}`, eTag, sequencer }]);
  response.end('[]');
}).listen(Number(values.port), '127.0.0.1');
