import { Command } from 'commander';

/** Each loaded when it is called. */
const subcommands: Readonly<Record<string, () => Promise<Command>>> = {
  update: async () => (await import('./satellites/update.ts')).updateCommand(),
  status: async () => (await import('./satellites/status.ts')).statusCommand(),
  positions: async () => (await import('./satellites/positions.ts')).positionsCommand(),
};

/** @param wanted the subcommand that was called, if it is one; without it all are loaded, for their help */
export async function satellitesCommand(wanted: string | undefined): Promise<Command> {
  const command = new Command('satellites').description(
    'The satellite catalogue: makes snapshots, tells which there are, and where satellites are seen.',
  );
  const names = wanted !== undefined && wanted in subcommands ? [wanted] : Object.keys(subcommands);
  for (const name of names)
    command.addCommand(
      (await subcommands[name]()).showHelpAfterError('(add --help for the options and examples)'),
    );
  return command;
}
