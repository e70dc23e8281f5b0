import { Fault } from 'openfaas-sdk-ts';

// Where an object stands below its bucket's folder. The key of an ordinary object is its path, so that the folder
// can be looked at and copied; `%` marks whatever could not be a path, is never literal, and makes it reversible:
//   %41    a byte that is not printable ASCII, or is `%` or `\`; the dots of a segment `.`
//   name%  a file without a dot, or a folder with one: so `a` and `a/b`, or `a.x` and `a.x/b`, never meet
//   %-     an empty folder name (`a//b`)
//   name%+ a piece of a segment that is longer than a file name may be; it goes on in the folder

/** S3's limit of a key, bytes of UTF-8. */
const LONGEST_KEY = 1024;
/** Bytes of a piece; with its mark below the 255 that file systems give a name. */
const LONGEST_PIECE = 200;

/** @throws Fault NS_ITEM_REFUSED where no object can have this key, since it would leave the bucket. */
export function pathOfKey(key: string): string {
  const why = refusalOf(key);
  if (why) throw new Fault('NS_ITEM_REFUSED', `The object key ${JSON.stringify(key.slice(0, 200))} ${why}.`);
  const segments = key.split('/');
  const file = segments.pop()!;
  return [...segments.flatMap((name) => segmentPath(name, folderName)), ...segmentPath(file, fileName)].join(
    '/',
  );
}

/** Why no object can have this key; undefined where one can. */
export function refusalOf(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (!key.isWellFormed()) return 'is not Unicode text (it has half of a surrogate pair)';
  if (Buffer.byteLength(key) > LONGEST_KEY) return `is longer than ${LONGEST_KEY} bytes`;
  if (key.startsWith('/')) return 'begins with "/" and would leave the bucket';
  if (key.split('/').includes('..')) return 'has a segment ".." and would leave the bucket';
  return undefined;
}

function segmentPath(segment: string, lastName: (piece: string) => string): string[] {
  const pieces = piecesOf(encode(segment));
  const last = pieces.pop()!;
  return [...pieces.map((piece) => `${piece}%+`), lastName(last)];
}

/** The dots of `.` (and of the end of a long segment, which may be `..`) would mean another folder. */
const dotless = (piece: string) => (/^\.+$/.test(piece) ? piece.replaceAll('.', '%2E') : piece);

function fileName(piece: string): string {
  const name = dotless(piece);
  return name.includes('.') ? name : `${name}%`;
}

function folderName(piece: string): string {
  if (piece === '') return '%-';
  const name = dotless(piece);
  return name.includes('.') ? `${name}%` : name;
}

function encode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const literal = byte > 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x5c;
    encoded += literal ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Never cuts an encoded byte in two. */
function piecesOf(encoded: string): string[] {
  const pieces = [''];
  for (const [byte] of encoded.matchAll(/%..|[^%]/g)) {
    if (pieces[pieces.length - 1].length + byte.length > LONGEST_PIECE) pieces.push('');
    pieces[pieces.length - 1] += byte;
  }
  return pieces;
}

/** What a name below a bucket's folder stands for: a piece of a segment, or its end. Still encoded. */
export function partOfName(name: string, isFolder: boolean): { encoded: string; isPiece: boolean } {
  if (isFolder && name === '%-') return { encoded: '', isPiece: false };
  if (isFolder && name.endsWith('%+')) return { encoded: name.slice(0, -2), isPiece: true };
  return { encoded: name.replace(/%$/, ''), isPiece: false };
}

export function decode(encoded: string): string {
  const bytes: number[] = [];
  for (const [part] of encoded.matchAll(/%..|[^%]/g)) {
    bytes.push(part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0));
  }
  return Buffer.from(bytes).toString();
}
