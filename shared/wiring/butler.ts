import { wireEmbedded } from './embedded-only.ts';

/** The repository of raws, exposures and visits. */
export const butler = wireEmbedded({
  port: 'butler',
  role: 'repository',
  address: 'BUTLER_REPO',
  async open(options) {
    const { sqliteButler } = await import('../drivers/sqlite/butler.ts');
    return sqliteButler(options);
  },
});
