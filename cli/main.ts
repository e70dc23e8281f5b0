#!/usr/bin/env node
import { Command } from 'commander';
import { isFault } from 'openfaas-sdk-ts';
import { alertCommand } from './alert.ts';
import { childCommand } from './child.ts';
import { configCommand } from './config.ts';
import { consumeCommand } from './consume.ts';
import { differenceCommand } from './difference.ts';
import { ledgerCommand } from './ledger.ts';
import { nightCommand } from './night.ts';
import { processCommand } from './process.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';

const program = new Command('nightshift')
  .description('Alert production for astronomical surveys: raw images in, alerts out.')
  .showHelpAfterError('(add --help for the options and examples)');

const verbs = [
  startCommand(),
  nightCommand(),
  differenceCommand(),
  processCommand(),
  consumeCommand(),
  alertCommand(),
  ledgerCommand(),
  serveCommand(),
  configCommand(),
];
for (const verb of verbs) program.addCommand(verb.copyInheritedSettings(program));
program.addCommand(childCommand(), { hidden: true });

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
