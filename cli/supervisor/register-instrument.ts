import { butler } from '#shared/wiring/butler.ts';
import { withPort } from '../open-port.ts';
import type { NightOptions } from './environment.ts';

/** Makes the Butler repository of a data folder, and registers the night's instrument in it; repeated, it changes nothing. */
export const registerInstrument = ({ data, instrument }: NightOptions): Promise<void> =>
  withPort(butler, data, (repository) => repository.register(instrument));
