import { InvalidId } from './invalid-id.ts';

/**
 * One detector of one group of exposures: the key of the work before the raw has arrived, since a nextVisit
 * event knows no visit number.
 */
export interface Slot {
  /** Canonical instrument name, such as `LSSTCam`. */
  readonly instrument: string;
  /** Group id as in FITS GROUPID and Butler `group`; free text, often with `:`, `.` and `#`. */
  readonly group: string;
  readonly detector: number;
}

/** `{instrument}/{encodeURIComponent(group)}/{detector}`. */
export function slotText(slot: Slot): string {
  if (slot.instrument === '' || slot.instrument.includes('/')) {
    throw new InvalidId(
      `The instrument "${slot.instrument}" cannot stand in a slot: it is empty or has a slash.`,
    );
  }
  if (slot.group === '' || !slot.group.isWellFormed()) {
    throw new InvalidId(`The group ${JSON.stringify(slot.group)} of a slot is empty or not valid Unicode.`);
  }
  if (!Number.isSafeInteger(slot.detector) || slot.detector < 0) {
    throw new InvalidId(`The detector ${slot.detector} of a slot is not a whole number of 0 or more.`);
  }
  return `${slot.instrument}/${encodeURIComponent(slot.group)}/${slot.detector}`;
}

/** The slot that {@link slotText} wrote. Throws InvalidId for any other text. */
export function parseSlot(text: string): Slot {
  const match = /^([^/]+)\/([^/]+)\/(0|[1-9]\d*)$/.exec(text);
  if (!match)
    throw new InvalidId(`"${text}" is not a slot of the form {instrument}/{encoded group}/{detector}.`);
  return { instrument: match[1], group: decodeGroup(match[2], text), detector: Number(match[3]) };
}

function decodeGroup(encoded: string, text: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new InvalidId(`The group in the slot "${text}" is not valid percent-encoding.`, { cause });
  }
}
