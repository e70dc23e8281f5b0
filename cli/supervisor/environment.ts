import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Instrument } from '#shared/domain/ids/instruments.ts';

export interface NightOptions {
  readonly data: string;
  readonly port: number;
  readonly instrument: Instrument;
  /** Detectors that take part, by number. */
  readonly detectors: readonly number[];
  /** `night` waits for earlier visits without limit, so that it is a function of its seed. */
  readonly patient: boolean;
}

/** Environment of every child: the embedded default, with the services that answer by HTTP behind our own gateway. */
export function childEnvironment(options: NightOptions): NodeJS.ProcessEnv {
  const data = resolve(options.data);
  const gateway = `http://127.0.0.1:${options.port}`;
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    NIGHTSHIFT_CRASH: process.env.NIGHTSHIFT_CRASH,
    NIGHTSHIFT_FSYNC: process.env.NIGHTSHIFT_FSYNC,
    LOG_LEVEL: process.env.LOG_LEVEL,
    NIGHTSHIFT_DATA: data,
    NIGHTSHIFT_SECRETS: join(data, 'secrets'),
    GATEWAY_URL: gateway,
    INSTRUMENT_CONFIG_FILE: join(data, 'instruments.yaml'),
    SUPPORTED_INSTRUMENTS: options.instrument.name,
    RUBIN_INSTRUMENT: options.instrument.name,
    IMAGE_BUCKET: 'raw',
    BUCKET: 'raw',
    BUCKET_TOPIC: 'raw-notification',
    RAW_MICROSERVICE: `${gateway}/function/presence/presence`,
    SATELLITE_SOURCES_FILE: join(data, 'satellite-sources.yaml'),
    SATTLE_URI_BASE: `${gateway}/function/sattle-check`,
    // Simulated satellites fly as their element sets say. A corridor as wide as real ones need would take up to 136" on
    // either side of a path, from detectors of 204": of the transients 94 % instead of 96 % would be recovered.
    SATELLITE_SIGMA_KM: '0',
    SATELLITE_SIGMA_KM_PER_DAY: '0',
    MIN_RELIABILITY: process.env.MIN_RELIABILITY,
    NEW_OBJECT_RELIABILITY_THRESHOLD: process.env.NEW_OBJECT_RELIABILITY_THRESHOLD,
    ASSOCIATION_WAIT: options.patient ? 'unlimited' : undefined,
    MESSAGE_EXPIRATION: options.patient ? '600000000' : undefined,
  };
}

/** Where the telescope's observatory lays the element sets of its nights. */
export const elementsFolder = (data: string): string => join(data, 'elements');

/**
 * Files that the children read: the shared secret of the bucket's notifications, which detectors there are, and where
 * element sets of satellites come from.
 */
export function prepareFolder({ data, instrument, detectors }: NightOptions): void {
  const secrets = join(data, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  const secret = join(secrets, 'notification-secret');
  if (!existsSync(secret)) writeFileSync(secret, randomBytes(24).toString('hex'), { mode: 0o600 });
  const folder = elementsFolder(data);
  mkdirSync(folder, { recursive: true });
  const sources = [{ name: 'elements', kind: 'folder', folder }];
  writeFileSync(join(data, 'satellite-sources.yaml'), `${JSON.stringify({ sources }, null, 1)}\n`);
  // The original's INSTRUMENT_CONFIG_FILE (next_visit_fan_out), as far as it is read.
  const lines = detectors.map((number) => `    ${number}: true`);
  writeFileSync(join(data, 'instruments.yaml'), `detectors:\n  ${instrument.name}:\n${lines.join('\n')}\n`);
}
