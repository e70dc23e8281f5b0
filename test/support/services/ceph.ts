import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accepts, freePorts, type ServiceProcess, serviceFolder, serviceProcess } from './child.ts';
import { debianProgram } from './packages.ts';

export interface CephService {
  /** `http://host:port`. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The gateway alone (the data stays in the cluster). Absent where the address came from outside. */
  readonly process?: ServiceProcess;
  /** Keys of a new user who may store so many bytes; likewise absent. */
  userWithQuota?(bytes: number): Promise<{ accessKeyId: string; secretAccessKey: string }>;
  close(): Promise<void>;
}

const run = promisify(execFile);
const packages = ['ceph-mon', 'ceph-osd', 'ceph-mgr', 'radosgw', 'ceph-common'];
const user = { accessKeyId: 'night', secretAccessKey: 'nightsecret' };

/**
 * The gateway at TEST_S3_ENDPOINT_URL (with TEST_AWS_ACCESS_KEY_ID, TEST_AWS_SECRET_ACCESS_KEY), or a cluster of our
 * own: one monitor, one OSD in memory, one gateway, on loopback and without cephx.
 */
export async function startCeph(): Promise<CephService> {
  const outside = process.env.TEST_S3_ENDPOINT_URL;
  if (outside) {
    const accessKeyId = process.env.TEST_AWS_ACCESS_KEY_ID ?? '';
    const secretAccessKey = process.env.TEST_AWS_SECRET_ACCESS_KEY ?? '';
    return { endpoint: outside, accessKeyId, secretAccessKey, async close() {} };
  }
  for (const program of ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph']) {
    await debianProgram(program, packages);
  }
  const folder = serviceFolder('ceph');
  const port = await freePorts(3);
  const conf = join(folder.path, 'ceph.conf');
  const fsid = randomUUID();
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) mkdirSync(join(folder.path, name));
  writeFileSync(conf, configuration(folder.path, port, fsid));
  const monitor = await startMonitor(folder.path, conf, port, fsid);
  const store = await startStore(folder.path, conf, fsid);
  const gateway = serviceProcess({
    command: 'radosgw',
    // With cephx off it would wait for ever for the monitors' configuration in a mode that cannot be had.
    args: ['-f', '-c', conf, '-n', 'client.rgw.a', '--no-mon-config', ...asUs],
    logFile: join(folder.path, 'log', 'rgw.stdout'),
    ready: () => accepts(port),
    readyWithinSeconds: 90,
  });
  await gateway.start();
  const administer = (...args: string[]) => run('radosgw-admin', ['-c', conf, ...args]);
  const createUser = ({ accessKeyId, secretAccessKey }: typeof user) =>
    administer(
      'user',
      'create',
      ...[`--uid=${accessKeyId}`, `--display-name=${accessKeyId}`],
      ...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`],
    );
  await createUser(user);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    ...user,
    process: gateway,
    async userWithQuota(bytes) {
      const limited = { accessKeyId: randomUUID(), secretAccessKey: randomUUID() };
      await createUser(limited);
      const quota = ['--quota-scope=user', `--uid=${limited.accessKeyId}`];
      await administer('quota', 'set', ...quota, `--max-size=${bytes}B`);
      await administer('quota', 'enable', ...quota);
      return limited;
    },
    async close() {
      for (const part of [gateway, store, monitor]) await part.stop('SIGKILL');
      folder.remove();
    },
  };
}

const asUs = ['--setuser', 'root', '--setgroup', 'root'];

async function startMonitor(
  folder: string,
  conf: string,
  port: number,
  fsid: string,
): Promise<ServiceProcess> {
  const map = join(folder, 'monmap');
  const address = `[v2:127.0.0.1:${port + 1},v1:127.0.0.1:${port + 2}]`;
  await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', address, map]);
  await run('ceph-mon', ['-c', conf, '--mkfs', '-i', 'a', '--monmap', map]);
  const monitor = serviceProcess({
    command: 'ceph-mon',
    args: ['-f', '-c', conf, '-i', 'a', ...asUs],
    logFile: join(folder, 'log', 'mon.stdout'),
    ready: () => accepts(port + 1),
    readyWithinSeconds: 60,
  });
  await monitor.start();
  return monitor;
}

async function startStore(folder: string, conf: string, fsid: string): Promise<ServiceProcess> {
  const ceph = ['-c', conf, '--connect-timeout', '20', 'osd'];
  await run('ceph', [...ceph, 'create', fsid]);
  await run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', fsid]);
  await run('ceph', [...ceph, 'crush', 'add', '0', '1.0', 'root=default', 'host=localhost']);
  const store = serviceProcess({
    command: 'ceph-osd',
    args: ['-f', '-c', conf, '-i', '0', ...asUs],
    logFile: join(folder, 'log', 'osd.stdout'),
    ready: async () => /1 up/.test((await run('ceph', [...ceph, 'stat'])).stdout),
    readyWithinSeconds: 60,
  });
  await store.start();
  return store;
}

const configuration = (folder: string, port: number, fsid: string): string => `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${port + 1},v1:127.0.0.1:${port + 2}]
auth cluster required = none
auth service required = none
auth client required = none
auth supported = none
ms mon client mode = crc
ms mon service mode = crc
ms mon cluster mode = crc
keyring = /dev/null
mon warn on pool no redundancy = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
run dir = ${folder}/run
admin socket = ${folder}/run/$cluster-$name.$pid.asok
log file = ${folder}/log/$name.log
pid file = ${folder}/run/$name.pid
ms bind ipv4 = true
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[mon.a]
mon data = ${folder}/mon
mon initial members = a
[osd.0]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class dir = /usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/rados-classes
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw data = ${folder}/rgw
rgw enable usage log = false
rgw gc max objs = 1
rgw lc max objs = 1
rgw num control oids = 1
rgw usage max shards = 1
`;
