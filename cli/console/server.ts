import { Hono } from 'hono';
import { readNight } from '../supervisor/night-file.ts';
import { shell } from './shell.ts';

/** The console: the night of a data folder as it happens, for a browser. */
export function createConsole(data: string): Hono {
  const app = new Hono();
  app.get('/', (reply) => {
    const night = readNight(data);
    return reply.html(shell(night ? `Nightshift: ${night.camera}, seed ${night.seed}` : 'Nightshift'));
  });
  return app;
}
