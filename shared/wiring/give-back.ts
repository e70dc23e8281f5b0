import type { EmbeddedOptions } from '../drivers/sqlite/bus.ts';

/** Gives back what a dead supervisor's workers held, for the one who holds the data folder's lock now. */
export async function giveBackAll(options: EmbeddedOptions): Promise<number> {
  const driver = await import('../drivers/sqlite/give-back.ts');
  return driver.giveBackAll(options);
}
