import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { count, requireCamera } from './night.ts';
import { defaultData } from './open-port.ts';
import { planNight } from './simulator/survey-plan.ts';
import { lockFolder } from './supervisor/lock.ts';
import { readNight } from './supervisor/night-file.ts';
import { gatewayAnswers, supervise } from './supervisor/supervise.ts';

interface StartOptions {
  readonly port: number;
  readonly data: string;
  readonly camera: string;
  readonly seed: number;
  readonly speed: number;
}

export const startCommand = (): Command =>
  new Command('start')
    .description(
      'Runs a night: telescope, functions behind one gateway, and the console page. Ctrl-C stops it.',
    )
    .option('--port <port>', 'port of gateway and console', count, 8080)
    .option('--data <folder>', 'where the night lives; the next start goes on with it', defaultData)
    .option('--camera <camera>', 'SimCam (9 detectors of 1024x1024) or LSSTCam (189 of 4k)', 'SimCam')
    .option('--seed <n>', 'seed of sky, weather and noise', count, 1)
    .option('--speed <x>', 'seconds of the night a second', parseSpeed, 1)
    .addHelpText(
      'after',
      `
Examples:
  nightshift start
  nightshift start --port 9000 --data ./tonight --speed 2`,
    )
    .action((options: StartOptions) => start({ ...options, data: resolve(options.data) }));

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= 1000))
    throw new InvalidArgumentError(`'${text}' is not a speed between 0 and 1000.`);
  return speed;
}

async function start({ port, data, camera, seed, speed }: StartOptions): Promise<void> {
  const instrument = requireCamera(camera);
  const held = readNight(data);
  if (held && (held.camera !== instrument.name || held.seed !== seed)) {
    throw new Error(
      `${data} holds a night of ${held.camera} with seed ${held.seed}: start with these, or choose another --data folder.`,
    );
  }
  const lock = lockFolder(data);
  const log = createWriteStream(join(data, 'nightshift.log'), { flags: 'a' });
  const { detectors } = planNight({ camera: instrument.name, seed });
  const stopped = new AbortController();
  const { children, observe } = await supervise(
    { data, port, instrument, detectors, patient: false },
    (line) => void log.write(`${line}\n`),
  );
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  stop.then(() => stopped.abort());
  keepObserving(() => observe({ camera: instrument.name, seed, speed }), stopped.signal);
  await gatewayAnswers(port, stopped.signal);
  if (!stopped.signal.aborted) {
    console.log(`Nightshift: http://localhost:${port}/  (${instrument.name}, seed ${seed}, data in ${data})`);
    console.log(
      'The first alerts come with the first exposure, in about a minute. Ctrl-C stops; the next start goes on.',
    );
  }
  await stop;
  console.log('\nStopping: what is in hand is finished first.');
  await children.stop();
  log.end();
  lock.release();
}

/** A telescope that died goes on where it was. */
async function keepObserving(observe: () => Promise<number>, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    await observe();
    await new Promise((resolve) => setTimeout(resolve, 1000).unref());
  }
}
