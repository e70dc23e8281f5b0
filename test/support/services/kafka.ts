import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, type ServiceProcess, serviceFolder, serviceProcess } from './child.ts';
import { debianProgram, mavenJars } from './packages.ts';

export interface KafkaService {
  /** `host:port`. */
  readonly brokers: string;
  /** SCRAM-SHA-512 of a super user, where it was started with `sasl`. */
  readonly sasl?: { readonly username: string; readonly password: string };
  /** Absent where the address came from outside: that one is not ours to stop. */
  readonly process?: ServiceProcess;
  close(): Promise<void>;
}

const version = '4.3.1';

/** The broker at TEST_KAFKA_BROKERS, or one of our own (KRaft, one node) from the jars of Maven Central. */
export async function startKafka(options: { sasl?: boolean } = {}): Promise<KafkaService> {
  const outside = process.env.TEST_KAFKA_BROKERS;
  if (outside && !options.sasl) return { brokers: outside, async close() {} };
  const java = await debianProgram('java', ['default-jre-headless']);
  const jars = await mavenJars(`kafka-${version}`, [
    { group: 'org.apache.kafka', artifact: 'kafka_2.13', version },
    { group: 'org.apache.logging.log4j', artifact: 'log4j-slf4j-impl', version: '2.25.3' },
  ]);
  const folder = serviceFolder('kafka');
  const port = await freePorts(2);
  const sasl = options.sasl ? { username: 'admin', password: randomUUID() } : undefined;
  const properties = join(folder.path, 'server.properties');
  const log = join(folder.path, 'server.log');
  writeFileSync(properties, brokerProperties(folder.path, port, sasl));
  writeFileSync(join(folder.path, 'log4j2.yaml'), loggingConfiguration(log));
  const onJava = [
    ...['-Xmx512m', '-Xms512m', '-XX:+UseG1GC', '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true'],
    ...[`-Dlog4j2.configurationFile=${join(folder.path, 'log4j2.yaml')}`, '-cp', join(jars, '*')],
  ];
  await format(java, onJava, properties, sasl);
  const service = brokerProcess({ java, onJava, properties, log });
  await service.start();
  return {
    brokers: `127.0.0.1:${port}`,
    sasl,
    process: service,
    async close() {
      await service.stop();
      folder.remove();
    },
  };
}

/** Each start begins a log of its own, since the line that says "started" is what a start waits for. */
function brokerProcess(broker: {
  java: string;
  onJava: readonly string[];
  properties: string;
  log: string;
}): ServiceProcess {
  const service = serviceProcess({
    command: broker.java,
    args: [...broker.onJava, 'kafka.Kafka', broker.properties],
    logFile: `${broker.log}.stdout`,
    ready: async () =>
      existsSync(broker.log) && /Kafka Server started/.test(readFileSync(broker.log, 'utf8')),
    readyWithinSeconds: 90,
  });
  return {
    async start() {
      writeFileSync(broker.log, '');
      await service.start();
    },
    stop: service.stop,
  };
}

async function format(
  java: string,
  onJava: readonly string[],
  properties: string,
  sasl: KafkaService['sasl'],
): Promise<void> {
  const run = promisify(execFile);
  // A cluster id is 16 bytes in URL-safe base64, and may not begin with a dash.
  const cluster = `A${Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').slice(1, 22)}`;
  const user = sasl ? [`--add-scram`, `SCRAM-SHA-512=[name=${sasl.username},password=${sasl.password}]`] : [];
  const tool = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', cluster, '-c', properties];
  await run(java, [...onJava, ...tool, ...user]);
}

function brokerProperties(folder: string, port: number, sasl: KafkaService['sasl']): string {
  const controller = port + 1;
  const plain = `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
listener.security.protocol.map=CLIENT:${sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT'},CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'logs')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`;
  if (!sasl) return plain;
  // ANONYMOUS is the controller's plaintext listener.
  return `${plain}sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \
required username="${sasl.username}" password="${sasl.password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:${sasl.username};User:ANONYMOUS
allow.everyone.if.no.acl.found=false
`;
}

const loggingConfiguration = (file: string): string => `Configuration:
  Appenders:
    File: { name: F, fileName: "${file}", PatternLayout: { pattern: "[%d] %p %m (%c)%n" } }
  Loggers:
    Root: { level: INFO, AppenderRef: { ref: F } }
`;
