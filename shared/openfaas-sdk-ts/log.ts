import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** of-watchdog's scanner stops for ever at a line of 64 KiB (reference: of-watchdog#99), so no line reaches it. */
export const longestLineBytes = 65_536;

/** What a line says of the unit in hand: `callId` of a request, `trigger` and `item` of a pulled unit. */
const unitInHand = new AsyncLocalStorage<Readonly<Record<string, string | number>>>();

/** Runs work whose log lines all carry these fields. */
export const logWith = <T>(fields: Readonly<Record<string, string | number>>, work: () => T): T =>
  unitInHand.run(fields, work);

const redacted = '[secret]';

function redactText(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, redacted).replaceAll(encodeURIComponent(secret), redacted);
  }
  return clean;
}

function redactValue(value: unknown, secrets: Iterable<string>): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value === 'number') {
    const text = redactText(String(value), secrets);
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((each) => redactValue(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    redactText(key, secrets),
    key === 'time' || key === 'level' ? each : redactValue(each, secrets),
  ]);
  return Object.fromEntries(entries);
}

const mentions = (line: string, secret: string): boolean =>
  line.includes(secret) ||
  line.includes(JSON.stringify(secret).slice(1, -1)) ||
  line.includes(encodeURIComponent(secret));

/** The JSON line with every known secret replaced, as written and percent-encoded. Lines without one are not parsed. */
export function redactLine(line: string, secrets: Iterable<string>): string {
  const found = [...secrets].filter((secret) => mentions(line, secret));
  return found.length === 0 ? line : `${JSON.stringify(redactValue(JSON.parse(line), found))}\n`;
}

/**
 * The JSON line under 64 KiB: a longer one keeps its message's start and says in `cut` how long it was and how it
 * began. Worst cases: 2,000 characters of 6 bytes (escaped controls) and 16,000 of 3 bytes make 60,000.
 */
export function cutLine(line: string): string {
  const bytes = Buffer.byteLength(line);
  if (bytes < longestLineBytes) return line;
  const { level, time, fn, callId, msg } = JSON.parse(line) as Record<string, unknown>;
  const cut = { bytes, start: line.slice(0, 16_000) };
  const short = { level, time, fn, callId, msg: String(msg ?? '').slice(0, 2000), cut };
  return `${JSON.stringify(short)}\n`;
}

/** JSON lines on standard output (or `to`): level, time, fn, the unit in hand, msg; capped, and without secrets. */
export function createLog(options: {
  fn: string;
  level: string;
  secrets: Iterable<string>;
  to?: DestinationStream;
}): Logger {
  const hooks = { streamWrite: (line: string) => cutLine(redactLine(line, options.secrets)) };
  return pino(
    {
      base: { fn: options.fn },
      level: options.level,
      // A copy: pino writes the fields of a line into what it gets here.
      mixin: () => ({ ...unitInHand.getStore() }),
      formatters: { level: (label) => ({ level: label }) },
      hooks,
    },
    options.to ?? destination({ dest: 1, sync: true }),
  );
}
