import { FitsError } from '../fits/header.ts';

/** The input cannot be measured; the message is the reason that the detector is refused with. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
}

/** Bytes that are no FITS refuse the detector, with the name of the file that they came from. */
export function nameFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new ImageRefused(`${name} cannot be read: ${error.message}`, { cause: error });
  }
}
