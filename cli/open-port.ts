import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Closable, type Environment, isFault, type Wiring } from 'openfaas-sdk-ts';
import pino from 'pino';

/** Where a night lives unless --data says otherwise. */
export const defaultData = './nightshift-data';

/** The process's environment, with the data folder of --data: addresses that are set there win, port by port. */
export const environmentOf =
  (data: string): Environment =>
  (name) =>
    name === 'NIGHTSHIFT_DATA' ? resolve(data) : process.env[name];

/** Opens a port for a verb, uses it, and closes it whatever happens. */
export async function withPort<Port extends Closable, T>(
  wiring: Wiring<Port>,
  data: string,
  use: (port: Port) => Promise<T>,
): Promise<T> {
  const environment = environmentOf(data);
  if (!existsSync(data) && needsFolder(wiring)) {
    throw new Error(
      `There is no night in ${data}: 'nightshift start' makes one, or name its folder with --data.`,
    );
  }
  const log = pino({ level: 'warn' }, pino.destination(2));
  const port = await wiring.open({ environment, log, functionName: 'nightshift' });
  try {
    return await use(port);
  } finally {
    await port.close();
  }
}

/** Whether a role has no address of a real service here. Reading a folder that is not there must not make an empty one. */
function needsFolder(wiring: Wiring<Closable>): boolean {
  try {
    wiring.choose((name) => (name === 'NIGHTSHIFT_DATA' ? undefined : process.env[name]));
    return false;
  } catch (error) {
    if (isFault(error, 'NS_CONFIGURATION')) return true;
    throw error;
  }
}
