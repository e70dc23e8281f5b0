/**
 * JSON text of rows, or of anything that holds rows. A 64-bit integer is a decimal string, since JSON's numbers end
 * at 2^53 in most readers.
 */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item), indent);
