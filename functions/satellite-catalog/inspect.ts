import { gunzipSync } from 'node:zlib';
import { parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { longestElementText } from '#shared/ports/element-source.ts';

/**
 * A text is refused where more of its element sets than this part, and than this number, cannot be read: it is not what
 * it should be. The part is that which a catalogue may lose at once.
 */
const mostRefused = { part: 0.05, count: 10 };

/** What a source's text has in it; sentences of these texts hold nothing of it. */
export interface Inspected {
  readonly count: number;
  readonly refused: number;
  /** Place and reason of the first that was refused. */
  readonly first?: string;
  /** Why the text must not be used. */
  readonly flaw?: string;
}

/** Looks whether a text is whole element sets, before it takes the place of the one before it. */
export function inspect(text: string, name: string): Inspected {
  const { elements, refused } = parseElementFile(text, name);
  const first = refused[0] && `The first: ${refused[0].place}: ${refused[0].why}`;
  const found = { count: elements.length, refused: refused.length, ...(first && { first }) };
  const flaw =
    elements.length === 0
      ? 'It holds no element set.'
      : refused.length > 0 && isCut(text)
        ? 'Its end is no whole element set: it was cut, or is being written.'
        : refused.length > Math.max(mostRefused.count, mostRefused.part * (elements.length + refused.length))
          ? `${refused.length} of its element sets cannot be read.`
          : undefined;
  return flaw === undefined ? found : { ...found, flaw: [flaw, first].filter(Boolean).join(' ') };
}

/** Whether TLEs, or one OMM a line, end within an element set; other JSON is read whole or not at all. */
function isCut(text: string): boolean {
  const last = text.trimEnd().split(/\r?\n/).at(-1) ?? '';
  const isWhole = last.startsWith('{') ? last.endsWith('}') : last.startsWith('2 ') && last.length >= 69;
  return !isWhole;
}

/** The text of a source's bytes, which may be gzipped. @throws RangeError where that does not unpack. */
export function textOf(bytes: Uint8Array): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes).toString();
  try {
    return gunzipSync(bytes, { maxOutputLength: longestElementText }).toString();
  } catch {
    throw new RangeError(`It is gzipped, and is cut or unpacks to more than ${longestElementText} bytes.`);
  }
}
