/**
 * JSON text for people and browsers, of rows or of anything that holds them. A 64-bit integer is a decimal string,
 * since JSON's numbers end at 2^53 in most readers; bytes are told by their size.
 */
export const jsonText = (value: unknown, indent?: number): string => JSON.stringify(value, readable, indent);

function readable(_key: string, item: unknown): unknown {
  if (typeof item === 'bigint') return item.toString();
  return item instanceof Uint8Array ? { bytes: item.length } : item;
}
