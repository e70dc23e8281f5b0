import type { Alert } from '#shared/domain/alert/packet.ts';

/** Names of the stamps in a URL, and the packet's fields that hold them. */
export const stampFields = {
  difference: 'cutoutDifference',
  science: 'cutoutScience',
  template: 'cutoutTemplate',
} as const satisfies Record<string, keyof Alert>;

export type Stamp = keyof typeof stampFields;

/** A diaSourceId from a URL: digits of a positive 64-bit number; anything else names no alert. */
export function parseAlertId(text: string): bigint | undefined {
  if (!/^[1-9]\d{0,18}$/.test(text)) return undefined;
  const id = BigInt(text);
  return id < 2n ** 63n ? id : undefined;
}

export const parseSchemaId = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text) ? Number(text) : undefined;
