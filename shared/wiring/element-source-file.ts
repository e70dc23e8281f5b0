import { z } from 'zod';

/** Space-Track asks for its GP class once an hour at most. */
const spaceTrackMinutes = 60;
/** CelesTrak makes its files anew every two hours, and refuses who asks more often. */
const httpMinutes = 120;

const common = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, 40 at most'),
  required: z.boolean().default(false),
  private: z.boolean().default(false),
  maxAgeHours: z.number().positive().default(24),
};
/** What lies here may be looked at whenever a tick comes. */
const local = { ...common, everyMinutes: z.number().nonnegative().default(0) };

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

const url = z
  .url({ protocol: /^https?$/, error: 'an address like https://host/path' })
  .refine((text) => !URL.parse(text)?.username && !URL.parse(text)?.password, {
    error: 'an address without a user or password, which would stand in this file and in logs',
  });
function isSafe(text: string): boolean {
  const parsed = URL.parse(text);
  return !parsed || parsed.protocol === 'https:' || isLoopback(parsed);
}

const spaceTrack = z.strictObject({
  ...common,
  kind: z.literal('space-track'),
  url: url
    .refine(isSafe, { error: 'https, since the password goes there' })
    .default('https://www.space-track.org')
    .transform((text) => text.replace(/\/+$/, '')),
  everyMinutes: z
    .number()
    .min(spaceTrackMinutes, `at least ${spaceTrackMinutes}: Space-Track refuses who asks more often`)
    .default(spaceTrackMinutes),
});
const http = z.strictObject({
  ...common,
  kind: z.literal('http'),
  url,
  everyMinutes: z.number().min(1, 'at least 1').default(httpMinutes),
});
const folder = z.strictObject({ ...local, kind: z.literal('folder'), folder: z.string().min(1) });
const file = z.strictObject({ ...local, kind: z.literal('file'), file: z.string().min(1) });
const bucket = z.strictObject({
  ...local,
  kind: z.literal('bucket'),
  /** [profile@]bucket. */
  bucket: z.string().min(1),
  prefix: z.string().default(''),
});

const declaration = z
  .discriminatedUnion('kind', [spaceTrack, http, folder, file, bucket], {
    error: 'kind must be space-track, http, folder, file or bucket',
  })
  .refine((source) => source.kind !== 'http' || !source.private || isSafe(source.url), {
    path: ['url'],
    error: 'https, since what comes from there is private',
  });

/** One source of element sets as it is declared. */
export type SourceDeclaration = z.infer<typeof declaration>;
/** The same as it is written, with what it leaves to the defaults. */
export type WrittenSource = z.input<typeof declaration>;

const sourcesFile = z.strictObject({
  sources: z
    .array(declaration)
    .min(1, 'name at least one source')
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      error: 'every source needs a name of its own',
    }),
});

/**
 * What a sources file declares.
 * @param content `{ sources: [...] }`, from YAML
 * @throws RangeError with a sentence for everything that is wrong, and where.
 */
export function parseSources(content: unknown): SourceDeclaration[] {
  const read = sourcesFile.safeParse(content);
  if (read.success) return read.data.sources;
  const sentences = read.error.issues.map(({ path, message }) => `${placeOf(path, content)}: ${message}.`);
  throw new RangeError(sentences.join(' '));
}

/** `sources[1] (celestrak).url`, so that a source is found by its name. */
function placeOf(path: readonly PropertyKey[], content: unknown): string {
  const [list, index, ...rest] = path;
  if (list !== 'sources' || typeof index !== 'number') return path.join('.') || 'the file';
  const named = z.object({ sources: z.array(z.unknown()) }).safeParse(content);
  const source = named.success
    ? z.object({ name: z.string() }).safeParse(named.data.sources[index])
    : undefined;
  const name = source?.success ? ` (${source.data.name})` : '';
  return [`sources[${index}]${name}`, ...rest.map(String)].join('.');
}
