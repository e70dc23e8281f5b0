import { wireEmbedded } from './embedded-only.ts';

/** The alert-production database. */
export const sourceStore = wireEmbedded({
  port: 'source-store',
  role: 'apdb',
  address: 'CONFIG_APDB',
  async open(options) {
    const { sqliteSourceStore } = await import('../drivers/sqlite/source-store.ts');
    return sqliteSourceStore(options);
  },
});
