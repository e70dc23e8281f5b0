declare global {
  interface JSON {
    /** ECMAScript proposal JSON.parse source text access, in Node 24: a value that is written as this text. */
    rawJSON(text: string): object;
  }
}

/** JSON as Rubin's Butler services exchange it: integers of 64 bits are bare numbers, whatever their size. */
export const butlerJson = (value: unknown): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item));
