import { Command } from 'commander';
import { describeConfiguration, isFault } from 'openfaas-sdk-ts';
import { functionNames, functions, requireFunctionName } from './functions.ts';
import { environmentOf } from './open-port.ts';

export const configCommand = (): Command =>
  new Command('config')
    .description('Prints what configures a function: its variables, and each port with its driver and why.')
    .argument('<function>', functionNames.join(', '))
    .option('--data <folder>', 'look at it as it would be with this data folder (NIGHTSHIFT_DATA)')
    .addHelpText('after', '\nExample:\n  nightshift config alert-publish --data ./nightshift-data')
    .action(async (name: string, { data }: { data?: string }) => {
      const { default: spec } = await functions[requireFunctionName(name)]();
      const description = describeConfiguration(spec);
      const environment = data ? environmentOf(data) : (variable: string) => process.env[variable];
      console.log(
        `${description.name}: ${description.summary}\ntriggers: ${description.triggers.join(', ')}\n`,
      );
      console.log('ports');
      for (const { port, role, use, wiring, variables } of description.roles) {
        console.log(`  ${use} (${port}${role === port ? '' : `, ${role}`}): ${chosen(wiring, environment)}`);
        for (const { name, meaning, secret } of variables) {
          console.log(`    ${name}${shown(environment(name), secret)}  ${meaning}`);
        }
      }
      console.log('\nvariables');
      for (const { name, meaning, required, secret, default: fallback } of description.variables) {
        const absent = required ? ' (required)' : fallback === undefined ? '' : ` (default ${fallback})`;
        console.log(`  ${name}${shown(environment(name), secret)}${absent}  ${meaning}`);
      }
    });

type Roles = ReturnType<typeof describeConfiguration>['roles'];

function chosen(wiring: Roles[number]['wiring'], environment: (name: string) => string | undefined): string {
  try {
    const { driver, why } = wiring.choose(environment);
    return `${driver}, since ${why}`;
  } catch (error) {
    if (isFault(error, 'NS_CONFIGURATION')) return `no driver: ${error.message}`;
    throw error;
  }
}

const shown = (value: string | undefined, secret: boolean): string => {
  if (value === undefined) return '';
  return secret ? ' = (secret, set)' : ` = ${value}`;
};
