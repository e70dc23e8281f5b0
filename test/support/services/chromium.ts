import { type Browser, chromium } from 'playwright-core';
import { debianProgram } from './packages.ts';

/** A headless Chromium: where CHROMIUM names it, else Debian's. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? (await debianProgram('chromium', ['chromium'])),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
