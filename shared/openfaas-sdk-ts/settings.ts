import { z } from 'zod';
import { Fault } from './faults.ts';
import { defaultSecretsFolder } from './secrets.ts';

export const triggerKinds = ['http', 'topic', 'stream', 'queue', 'timer'] as const;
export type TriggerKind = (typeof triggerKinds)[number];

/** Variables that the runtime itself reads, for every function. */
export const settingsSchema = z.object({
  TRIGGERS: z
    .string()
    .optional()
    .describe(
      `Triggers of this launch, separated by commas, of ${triggerKinds.join(', ')}; \`none\` serves only /_/ routes. Absent: all that the function declares.`,
    ),
  LAUNCH: z
    .enum(['watchdog', 'bare'])
    .optional()
    .describe(
      '`watchdog`: behind of-watchdog, never exits by itself. `bare`: exits after the drain. Absent: watchdog where `fprocess` is set, as it is in an image; a Job sets bare.',
    ),
  fprocess: z
    .string()
    .optional()
    .describe(
      "of-watchdog's own variable, the command that it starts; read only to tell how we were launched.",
    ),
  http_port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port behind of-watchdog, as its templates name it. Absent: PORT, else 3000.'),
  PORT: z.coerce.number().int().min(0).max(65535).optional().describe('Port of a bare launch. Absent: 8080.'),
  IDLE_EXIT_SECONDS: z.coerce
    .number()
    .positive()
    .optional()
    .describe('A bare worker without work exits 0 after this many seconds (a Job sets it). Absent: never.'),
  LEASE_SECONDS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('Lease on work in hand; extended every third of it, taken over when it expires.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
  NIGHTSHIFT_SECRETS: z
    .string()
    .default(defaultSecretsFolder)
    .describe(
      'Folder of the secret files; a variable is read from the file of its name in lower-case kebab first.',
    ),
});

export type Settings = z.infer<typeof settingsSchema>;

export const launchOf = (settings: Settings): 'watchdog' | 'bare' =>
  settings.LAUNCH ?? (settings.fprocess ? 'watchdog' : 'bare');

/** An image sets `http_port` for of-watchdog also where a Job runs it bare, so bare only PORT counts. */
export const portOf = (settings: Settings): number =>
  launchOf(settings) === 'watchdog' ? (settings.http_port ?? settings.PORT ?? 3000) : (settings.PORT ?? 8080);

/**
 * The triggers of a launch: those that TRIGGERS names, or all declared ones.
 * @throws Fault NS_CONFIGURATION for a name that the function does not declare.
 */
export function pickTriggers(named: string | undefined, declared: readonly TriggerKind[]): Set<TriggerKind> {
  if (named === undefined) return new Set(declared);
  if (named.trim() === 'none') return new Set();
  const picked = named.split(',').map((name) => name.trim());
  const unknown = picked.find((name) => !declared.some((trigger) => trigger === name));
  if (unknown !== undefined) {
    throw new Fault(
      'NS_CONFIGURATION',
      `TRIGGERS names '${unknown}', and this function has ${declared.join(', ')}: write one or more of these, separated by commas, or none.`,
    );
  }
  return new Set(declared.filter((trigger) => picked.includes(trigger)));
}
