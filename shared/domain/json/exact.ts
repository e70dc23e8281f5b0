declare global {
  interface JSON {
    /** ECMAScript proposal JSON.parse source text access, in Node 24: a value that is written as this text. */
    rawJSON(text: string): object;
  }
}

/** JSON as Rubin's services exchange it: a bigint is a bare number, whatever its size. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item));

/** Parses JSON so that every integer becomes a bigint. Throws SyntaxError. */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text, (_key, item: unknown, context?: { source?: string }) =>
    typeof item === 'number' && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? '') : item,
  );
