/** A text, number or path that is not the identifier that it should be; the message names the value and the form. */
export class InvalidId extends Error {
  override readonly name = 'InvalidId';
}
