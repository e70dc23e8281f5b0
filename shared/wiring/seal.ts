import { wire } from './wire.ts';

/** Seals what waits for the satellite gate. */
export const seal = wire({
  port: 'seal',
  role: 'gate',
  variables: {
    GATE_SEAL_KEY: {
      meaning: 'Secret text under which measured sources are sealed until the gate answers.',
      secret: true,
    },
  },
  real: {
    driver: 'aes with GATE_SEAL_KEY',
    async open({ environment }) {
      const { aesSeal } = await import('../drivers/node/seal.ts');
      return aesSeal(environment('GATE_SEAL_KEY') ?? '');
    },
  },
  embedded: {
    driver: 'aes with the data folder’s seal.key',
    async open({ data }) {
      const { aesSeal, embeddedSealKey } = await import('../drivers/node/seal.ts');
      return aesSeal(embeddedSealKey(data));
    },
  },
});
