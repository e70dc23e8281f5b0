import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceUnavailable } from './services/availability.ts';
import { debianProgram } from './services/packages.ts';

const run = promisify(execFile);

/** The programs that tests hold ours to; their names are those of PyPI. */
const PACKAGES = [
  'fastavro==1.13.1',
  'astropy==8.0.2',
  'astropy-iers-data==0.2026.11.2.0.34.55',
  'numpy==2.4.6',
  'lsst-alert-packet==30.2026.2700',
  'lsst-dax-apdb==30.2026.4100',
  'lsst-daf-butler==30.2026.4300',
  'lsst-resources[s3]==30.2026.4200',
  'sep==1.4.1',
  'requests==2.34.2',
  'sgp4==2.27',
] as const;

/** What a Python script (a path) prints on its standard output; an Error with its standard error where it fails. */
export async function python(script: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(await pythonWithPackages(), [script, ...args], { maxBuffer: 256 << 20 });
  return stdout;
}

/**
 * Path of a Python that has PACKAGES: NIGHTSHIFT_PYTHON, or that of a venv made once a machine from PyPI.
 * ServiceUnavailable where there is no python3 or no PyPI.
 */
export async function pythonWithPackages(): Promise<string> {
  if (process.env.NIGHTSHIFT_PYTHON) return process.env.NIGHTSHIFT_PYTHON;
  // Named after what is in it, so that another list makes another one.
  const digest = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const venv = join(tmpdir(), `nightshift-venv-${digest}`);
  const program = join(venv, 'bin', 'python');
  if (!existsSync(program)) await makeVenv(venv);
  return program;
}

/** Made beside its place and moved there when it is whole, so that two test runs do not meet half of one. */
async function makeVenv(venv: string): Promise<void> {
  const python3 = await debianProgram('python3', ['python3', 'python3-venv']);
  const unfinished = `${venv}.${process.pid}`;
  try {
    await run(python3, ['-m', 'venv', unfinished]);
    await run(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServiceUnavailable(`${PACKAGES.join(', ')} cannot be had from PyPI: ${reason}`);
  }
  if (existsSync(venv)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, venv);
}
