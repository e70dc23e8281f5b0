import { wireService } from './service.ts';

/** Which sources may be published. */
export const satelliteGate = wireService({
  port: 'satellite-gate',
  role: 'sattle',
  variable: 'SATTLE_URI_BASE',
  meaning: 'Base URL of the satellite gate (Sattle).',
  async open(url) {
    const { httpSatelliteGate } = await import('../drivers/http/satellite-gate.ts');
    return httpSatelliteGate({ url });
  },
});
