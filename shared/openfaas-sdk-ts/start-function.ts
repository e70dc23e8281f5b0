import type { DestinationStream } from 'pino';
import { concealSecrets, environmentOf, liveConfiguration } from './configuration.ts';
import { declaredTriggers, limitOf, wiringsOf } from './declared.ts';
import type { AnyFunction, Time } from './define-function.ts';
import { Fault } from './faults.ts';
import { launch, type RunningFunction } from './launch.ts';
import { createLog } from './log.ts';
import { defaultSecretsFolder, openSecrets } from './secrets.ts';
import { launchOf, pickTriggers, settingsSchema } from './settings.ts';
import { realTime } from './time.ts';

export interface StartOptions {
  /** Variables (default: process.env). Secret files come first in any case. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Clocks (default: the machine's). */
  readonly time?: Time;
  /** Where log lines go (default: standard output). */
  readonly logTo?: DestinationStream;
}

/** Behind of-watchdog a longer unit could not end before the shutdown does (Kubernetes gives 30 s in all). */
export const longestWatchdogSeconds = 25;

/**
 * Starts a function in this process: checks its configuration at once, then opens ports, warms up and runs the
 * triggers of the launch in the background. It binds no port and handles no signal: `runProcess` does.
 * @throws Fault NS_CONFIGURATION with sentences that say what to set.
 */
export function startFunction(spec: AnyFunction, options: StartOptions = {}): RunningFunction {
  const variables = options.environment ?? process.env;
  const secrets = openSecrets(variables.NIGHTSHIFT_SECRETS || defaultSecretsFolder);
  const environment = environmentOf(variables, secrets);
  const settings = liveConfiguration(settingsSchema, environment, () => log);
  const log = createLog({
    fn: spec.name,
    level: settings.LOG_LEVEL,
    secrets: secrets.seen,
    to: options.logTo,
  });
  const triggers = pickTriggers(settings.TRIGGERS, declaredTriggers(spec));
  const limit = limitOf(spec, triggers);
  if (launchOf(settings) === 'watchdog' && limit > longestWatchdogSeconds) {
    throw new Fault(
      'NS_CONFIGURATION',
      `${spec.name} has units of up to ${limit} s, longer than of-watchdog lives after SIGTERM: run it bare (LAUNCH=bare, a Job or Deployment), or with TRIGGERS=none.`,
    );
  }
  const wirings = wiringsOf(spec, triggers);
  concealSecrets(spec.config, wirings, environment, secrets);
  const config = liveConfiguration(spec.config, environment, () => log);
  for (const { wiring } of wirings) wiring.choose(environment);
  return launch(spec, { settings, log, triggers, config, environment, time: options.time ?? realTime });
}
