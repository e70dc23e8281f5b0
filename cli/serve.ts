import { resolve } from 'node:path';
import { Command } from 'commander';
import { runProcess } from 'openfaas-sdk-ts';
import { functionNames, functions, requireFunctionName } from './functions.ts';
import { timeOf } from './supervisor/night-file.ts';

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Runs one function bare, with the environment that it would have in production.')
    .argument('<function>', functionNames.join(', '))
    .option('--port <port>', 'port of its HTTP routes and /_/health, /_/ready, /metrics', '8080')
    .option('--data <folder>', 'embedded drivers for every port that has no address (NIGHTSHIFT_DATA)')
    .addHelpText(
      'after',
      `
Examples:
  REDIS_HOST=redis nightshift serve presence --port 8081
  nightshift serve archive-read --data ./nightshift-data`,
    )
    .action(async (name: string, { port, data }: { port: string; data?: string }) => {
      const { default: spec } = await functions[requireFunctionName(name)]();
      const folder = data ? { NIGHTSHIFT_DATA: resolve(data) } : {};
      await runProcess(spec, {
        environment: { ...process.env, ...folder, PORT: port, LAUNCH: 'bare' },
        ...(data && { time: timeOf(resolve(data)) }),
      });
    });
