import { Fault, type Wiring } from 'openfaas-sdk-ts';
import type { SourceStore } from '../ports/source-store.ts';
import { embeddedOptions, embeddedVariables } from './wire.ts';

/** The alert-production database. */
export const sourceStore: Wiring<SourceStore> = {
  port: 'source-store',
  role: 'apdb',
  variables: embeddedVariables,
  choose(environment) {
    if (environment('CONFIG_APDB')) {
      throw new Fault(
        'NS_CONFIGURATION',
        'CONFIG_APDB is set, and there is no driver for an APDB outside NIGHTSHIFT_DATA yet: unset it.',
      );
    }
    const { data } = embeddedOptions(environment);
    return { driver: 'sqlite', why: `NIGHTSHIFT_DATA is ${data}` };
  },
  async open({ environment }) {
    this.choose(environment);
    const { sqliteSourceStore } = await import('../drivers/sqlite/source-store.ts');
    return sqliteSourceStore(embeddedOptions(environment));
  },
};
