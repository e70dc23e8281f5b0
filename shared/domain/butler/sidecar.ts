/** A raw's primary header as one flat object: what its sidecar JSON holds. Nulls are common. */
export type Sidecar = Readonly<Record<string, unknown>>;

/** The keyword's text, trimmed; undefined where it is absent, null, blank or no text. */
export function textIn(sidecar: Sidecar, keyword: string): string | undefined {
  const value = sidecar[keyword];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The keyword's number, also where it is written as text (`DAYOBS`); undefined where it is none. */
export function numberIn(sidecar: Sidecar, keyword: string): number | undefined {
  const value = sidecar[keyword];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
