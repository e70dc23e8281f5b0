import { wireService } from './service.ts';

/** Where a raw is. */
export const presence = wireService({
  port: 'presence',
  role: 'raw',
  variable: 'RAW_MICROSERVICE',
  meaning: 'Base URL of the presence service, ending in /presence.',
  async open(url) {
    const { httpPresence } = await import('../drivers/http/presence.ts');
    return httpPresence({ url });
  },
});
