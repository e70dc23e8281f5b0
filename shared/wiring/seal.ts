import type { Wiring } from 'openfaas-sdk-ts';
import type { Seal } from '../ports/seal.ts';
import { wire } from './wire.ts';

const sealUnder = (
  role: 'gate' | 'catalog',
  variable: string,
  meaning: string,
  file: 'seal.key' | 'catalog.key',
): Wiring<Seal> =>
  wire({
    port: 'seal',
    role,
    variables: { [variable]: { meaning, secret: true } },
    real: {
      driver: `aes with ${variable}`,
      async open({ environment }) {
        const { aesSeal } = await import('../drivers/node/seal.ts');
        return aesSeal(environment(variable) ?? '', variable);
      },
    },
    embedded: {
      driver: `aes with the data folder’s ${file}`,
      async open({ data }) {
        const { aesSeal, embeddedSealKey } = await import('../drivers/node/seal.ts');
        return aesSeal(embeddedSealKey(data, file), file);
      },
    },
  });

/** Seals what waits for the satellite gate. */
export const seal = sealUnder(
  'gate',
  'GATE_SEAL_KEY',
  'Secret text under which measured sources are sealed until the gate answers.',
  'seal.key',
);

/** Seals the element sets of private sources: satellite-catalog writes them, sattle-check reads them. */
export const catalogSeal = sealUnder(
  'catalog',
  'CATALOG_SEAL_KEY',
  'Secret text under which private element sets are sealed, the same in satellite-catalog and sattle-check.',
  'catalog.key',
);
