/** The input cannot be measured; the message is the reason that the detector is refused with. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
}
