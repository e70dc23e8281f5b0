/** Numbers and times as text. */

/** `−0.31`, `1,420`: a flux in nJy with three significant digits below 100. */
export function fluxText(nJy: number | null): string {
  if (nJy === null) return '–';
  const digits = Math.abs(nJy) >= 100 ? 0 : Math.abs(nJy) >= 10 ? 1 : 2;
  return minus(nJy.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

export const numberText = (value: number | null, digits: number): string =>
  value === null ? '–' : minus(value.toFixed(digits));

export const countText = (count: number): string => count.toLocaleString('en');

export const secondsText = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;

/** `4 ms`, `0.25 s`: a short time with two significant digits or so. */
export const millisecondsText = (seconds: number): string =>
  seconds < 0.1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;

/** `45 s`, `12 min`, `3.5 h`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** `0.6 %`, `12 %`. */
export const shareText = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`;

const minus = (text: string): string => text.replace('-', '\u2212');

/** Right ascension `03h33m00.000s`: 1 ms of time is 0.015". */
export function raText(deg: number): string {
  const [hours, minutes, seconds] = sexagesimal(deg / 15, 3);
  return `${hours}h${minutes}m${seconds}s`;
}

/** Declination `−27°30′00.00″`. */
export function decText(deg: number): string {
  const [degrees, minutes, seconds] = sexagesimal(Math.abs(deg), 2);
  return `${deg < 0 ? '\u2212' : '+'}${degrees}°${minutes}′${seconds}″`;
}

/** Rounded once, in units of the last digit, so that no 60 is ever shown. */
function sexagesimal(value: number, digits: number): [string, string, string] {
  const unit = 10 ** digits;
  const total = Math.round(value * 3600 * unit);
  const seconds = (total % (60 * unit)) / unit;
  const minutes = Math.floor(total / (60 * unit)) % 60;
  const whole = Math.floor(total / (3600 * unit));
  return [two(whole), two(minutes), seconds.toFixed(digits).padStart(digits + 3, '0')];
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-03-05 04:13:22` UTC. */
export const utcText = (unixMs: number): string =>
  new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ');

/** `04:13:22.123` of the viewer's own day, since the process clock is the machine's. */
export function clockText(unixMs: number): string {
  const time = new Date(unixMs);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** The end of a long id, where the ids of a night differ. */
export const shortId = (id: string): string => (id.length > 9 ? `…${id.slice(-8)}` : id);
