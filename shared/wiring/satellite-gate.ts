import { Fault } from 'openfaas-sdk-ts';
import { wireService } from './service.ts';

/** Which sources may be published. */
export const satelliteGate = wireService({
  port: 'satellite-gate',
  role: 'sattle',
  variable: 'SATTLE_URI_BASE',
  meaning:
    'Base URL of the satellite gate (Sattle); or those of its replicas, separated by spaces or commas.',
  more: {
    GATE_KEY: {
      meaning:
        'Secret text under which sattle-check signs its answers. Where it is set, process-detector takes no unsigned one.',
      secret: true,
    },
  },
  async open(urls, environment) {
    const { httpSatelliteGate } = await import('../drivers/http/satellite-gate.ts');
    return httpSatelliteGate({
      replicas: replicasOf(urls),
      key: () => environment('GATE_KEY') || undefined,
    });
  },
});

/** Base URLs without the slash at their end, each once. @throws Fault NS_CONFIGURATION for what is no HTTP URL. */
export function replicasOf(urls: string): string[] {
  const named = urls.split(/[\s,]+/).filter((url) => url !== '');
  const wrong = named.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
  if (wrong !== undefined || named.length === 0) {
    const why = `SATTLE_URI_BASE has ${JSON.stringify(wrong ?? urls)}, which is no HTTP URL`;
    throw new Fault(
      'NS_CONFIGURATION',
      `${why}: set it to http://host:port, or to several with spaces between.`,
    );
  }
  return [...new Set(named.map((url) => url.replace(/\/+$/, '')))];
}
