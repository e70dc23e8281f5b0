/** A service cannot be had on this machine: its program is absent and may not be installed here. */
export class ServiceUnavailable extends Error {}

const inContinuousIntegration = process.env.CI === 'true';

/** Packages are installed by a launcher only in CI, or where somebody asked for it, and only as root. */
export const mayInstall =
  process.getuid?.() === 0 && (inContinuousIntegration || process.env.NIGHTSHIFT_INSTALL === '1');

/**
 * Starts a service for a test file. In CI a service that cannot be had is an error; elsewhere the answer is
 * undefined after one line that says why, and the file's cases are skipped by `describe.skipIf`.
 */
export async function obtain<Service>(start: () => Promise<Service>): Promise<Service | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ServiceUnavailable) || inContinuousIntegration) throw error;
    console.warn(`Skipped: ${error.message}`);
    return undefined;
  }
}
