#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { Command } from 'commander';
import { isFault } from 'openfaas-sdk-ts/faults.ts';

// What V8 compiled is kept in the system's temporary folder: the next call starts in half the time.
enableCompileCache();

// A verb is loaded when it is called: all of them take a second and 60 MB.
const verbs: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).startCommand(),
  night: async () => (await import('./night.ts')).nightCommand(),
  difference: async () => (await import('./difference.ts')).differenceCommand(),
  process: async () => (await import('./process.ts')).processCommand(),
  consume: async () => (await import('./consume.ts')).consumeCommand(),
  alert: async () => (await import('./alert.ts')).alertCommand(),
  ledger: async () => (await import('./ledger.ts')).ledgerCommand(),
  satellites: async () => (await import('./satellites.ts')).satellitesCommand(process.argv[3]),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
};

const program = new Command('nightshift')
  .description('Alert production for astronomical surveys: raw images in, alerts out.')
  .showHelpAfterError('(add --help for the options and examples)');

const [, , wanted = ''] = process.argv;
if (wanted === 'child') program.addCommand((await import('./child.ts')).childCommand(), { hidden: true });
else {
  for (const name of wanted in verbs ? [wanted] : Object.keys(verbs))
    program.addCommand((await verbs[name]()).copyInheritedSettings(program));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has had enough (`| head`), which is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  // What a person can act on is one sentence; a mistake of ours comes with its stack.
  const expected = isFault(error) || (error instanceof Error && error.constructor !== TypeError);
  console.error(expected ? `nightshift: ${error.message}` : error);
  process.exitCode = 1;
}
