import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mayInstall, ServiceUnavailable } from './availability.ts';

const run = promisify(execFile);

/** Path of a program; where it is absent and may be installed, from these Debian packages (without recommends). */
export async function debianProgram(program: string, packages: readonly string[]): Promise<string> {
  const present = findProgram(program);
  if (present) return present;
  if (!mayInstall) {
    throw new ServiceUnavailable(
      `${program} is not installed. Install ${packages.join(' ')}, or run as root with NIGHTSHIFT_INSTALL=1.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  // No service may start by itself: a test starts its own, on a port of its own.
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  await run('apt-get', install, { env: { ...env, RUNLEVEL: '1' }, maxBuffer: 64 << 20 });
  const installed = findProgram(program);
  if (!installed)
    throw new Error(`apt-get installed ${packages.join(' ')}, but there is no ${program} in PATH.`);
  return installed;
}

function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface MavenArtifact {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/** Folder with these artifacts' jars and all they need at run time; fetched once by Maven into the user's cache. */
export async function mavenJars(name: string, artifacts: readonly MavenArtifact[]): Promise<string> {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nightshift', name);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  const maven = await debianProgram('mvn', ['maven', 'default-jre-headless']);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pom.xml'), projectOf(name, artifacts));
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
  await run(maven, ['-q', '-B', '-f', join(folder, 'pom.xml'), ...goal], { maxBuffer: 64 << 20 });
  writeFileSync(complete, '');
  return folder;
}

function projectOf(name: string, artifacts: readonly MavenArtifact[]): string {
  const dependencies = artifacts.map(
    ({ group, artifact, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>nightshift.test</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}
