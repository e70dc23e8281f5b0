import type { Delivery } from '../drivers/fs/created-events.ts';

/** Delivers the created events of an embedded bucket until the signal aborts; a real one's store does it itself. */
export async function deliverCreatedEvents(delivery: Delivery): Promise<void> {
  const driver = await import('../drivers/fs/created-events.ts');
  return driver.deliverCreatedEvents(delivery);
}
