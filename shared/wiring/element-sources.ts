import { readFileSync } from 'node:fs';
import { Fault, type OpenContext, type Variable, type Wiring } from 'openfaas-sdk-ts';
import { parse } from 'yaml';
import type { DeclaredSource, ElementSources } from '../ports/element-source.ts';
import { parseSources, type SourceDeclaration } from './element-source-file.ts';
import { bucketNamed, s3Variables } from './object-store.ts';
import { requireVariable } from './wire.ts';

const variables = {
  SATELLITE_SOURCES_FILE: {
    meaning: 'YAML file that declares the sources of element sets (docs/satellites.md).',
  },
  SPACETRACK_USER: { meaning: 'User at Space-Track, for sources of that kind.', secret: true },
  SPACETRACK_PASSWORD: { meaning: 'Its password.', secret: true },
  ...s3Variables,
} as const satisfies Record<string, Variable>;

/** Sources of satellites' element sets, as SATELLITE_SOURCES_FILE declares them. */
export const elementSources: Wiring<ElementSources> = {
  port: 'element-source',
  role: 'declared',
  variables,
  choose(environment) {
    requireVariable(environment, 'SATELLITE_SOURCES_FILE');
    return { driver: 'as declared', why: 'SATELLITE_SOURCES_FILE is set' };
  },
  open: (context) =>
    openElementSources(
      readSources(requireVariable(context.environment, 'SATELLITE_SOURCES_FILE')),
      context,
      settledMs,
    ),
};

/** A file of a watched folder must have been left alone for so long: what is written more slowly is seen by its end. */
const settledMs = 10_000;
/** For all of one download: 40 MB at 1.3 Mbit/s. */
const timeoutMs = 240_000;

function readSources(file: string): SourceDeclaration[] {
  try {
    return parseSources(parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('NS_CONFIGURATION', `SATELLITE_SOURCES_FILE ${file} cannot be used: ${reason}`, {
      cause,
    });
  }
}

/** Opens sources that are declared otherwise than by the file, as those of a command's options. */
export async function openElementSources(
  declarations: readonly SourceDeclaration[],
  context: OpenContext,
  settled = 0,
): Promise<ElementSources> {
  const declared: DeclaredSource[] = [];
  for (const declaration of declarations) declared.push(await openSource(declaration, context, settled));
  return {
    declared,
    async close() {
      for (const { source } of declared) await source.close();
    },
  };
}

async function openSource(
  declaration: SourceDeclaration,
  context: OpenContext,
  settled: number,
): Promise<DeclaredSource> {
  const { name, required, everyMinutes, maxAgeHours, private: isPrivate } = declaration;
  const driver = await openDriver(declaration, context, settled);
  return { name, private: isPrivate, required, everyMinutes, maxAgeHours, ...driver };
}

type Driver = Pick<DeclaredSource, 'source' | 'remote' | 'requests' | 'limits'>;

/** Somebody else's service without limits of its own; a place of ours. */
const elsewhere = { remote: true, requests: 1, limits: [] } as const;
const here = { ...elsewhere, remote: false } as const;

async function openDriver(
  declaration: SourceDeclaration,
  context: OpenContext,
  settled: number,
): Promise<Driver> {
  const { name } = declaration;
  switch (declaration.kind) {
    case 'space-track': {
      const track = await import('../drivers/http/space-track.ts');
      const credentials = () => credentialsIn(context.environment);
      // A missing secret stops the start, and not the first fetch.
      credentials();
      const source = track.spaceTrackElementSource({ name, url: declaration.url, credentials, timeoutMs });
      return { source, remote: true, requests: track.spaceTrackRequests, limits: track.spaceTrackLimits };
    }
    case 'http': {
      const { httpElementSource } = await import('../drivers/http/element-source.ts');
      const { url, private: isPrivate } = declaration;
      return { source: httpElementSource({ name, url, private: isPrivate, timeoutMs }), ...elsewhere };
    }
    case 'folder': {
      const { folderElementSource } = await import('../drivers/fs/element-source.ts');
      const { folder } = declaration;
      return { source: folderElementSource({ name, folder, settledMs: settled }), ...here };
    }
    case 'file': {
      const { fileElementSource } = await import('../drivers/fs/element-source.ts');
      return { source: fileElementSource({ name, file: declaration.file }), ...here };
    }
    case 'bucket': {
      const { bucketElementSource } = await import('../drivers/object-store/element-source.ts');
      const store = await bucketNamed(declaration.bucket).open(context);
      return { source: bucketElementSource({ name, store, prefix: declaration.prefix }), ...here };
    }
  }
}

const credentialsIn = (environment: OpenContext['environment']) => ({
  user: requireVariable(environment, 'SPACETRACK_USER'),
  password: requireVariable(environment, 'SPACETRACK_PASSWORD'),
});
