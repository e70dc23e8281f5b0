import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { root } from '../../templates/declared-functions.ts';

export const templateFolder = join(root, 'templates/node-ts');

export const dockerfile = DockerfileParser.parse(readFileSync(join(templateFolder, 'Dockerfile'), 'utf8'));

/** The environment that every process of the image has. */
export const imageEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  dockerfile
    .getENVs()
    .flatMap((env) => env.getProperties())
    .map((property) => [property.getName(), property.getValue() ?? '']),
);
