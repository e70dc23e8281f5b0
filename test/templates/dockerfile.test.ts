import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { portOf, settingsSchema } from 'openfaas-sdk-ts/settings.ts';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { dockerfile, imageEnvironment, templateFolder } from './image.ts';

const template = parse(readFileSync(join(templateFolder, 'template.yml'), 'utf8'));
const keywords = dockerfile.getInstructions().map((instruction) => instruction.getKeyword());
const environment = imageEnvironment;

test('the image build only copies: no RUN, and nothing but the watchdog and the bundle', () => {
  expect(keywords).not.toContain('RUN');
  expect(keywords).not.toContain('ADD');
  const copies = dockerfile
    .getCOPYs()
    .map((copy) => copy.getArguments().map((argument) => argument.getValue()));
  expect(copies).toEqual([
    ['/fwatchdog', '/usr/bin/fwatchdog'],
    [`${template.handler_folder}/`, './'],
  ]);
});

test('it runs as a numeric user, so that runAsNonRoot can be checked, with an exec-form command', () => {
  const users = dockerfile.getInstructions().filter((instruction) => instruction.getKeyword() === 'USER');
  expect(users.map((user) => user.getArgumentsContent())).toEqual(['12000']);
  const [command] = dockerfile.getCMDs();
  expect(command.getArgumentsContent()).toBe('["fwatchdog"]');
});

test('the settings of of-watchdog are those that its source and trials prove necessary', () => {
  expect(environment).toMatchObject({
    mode: 'http',
    ready_path: '/_/ready',
    prefix_logs: 'false',
    log_buffer_size: '-1',
    log_callid: 'true',
    NODE_OPTIONS: '--enable-source-maps',
    NODE_ENV: 'production',
  });
  // Read by no version of of-watchdog, or something else than what they seem to say.
  for (const dead of ['log_call_id', 'cgi_headers', 'write_debug', 'afterburn']) {
    expect(environment).not.toHaveProperty(dead);
  }
});

test('the watchdog and the function agree on the port, and the command on its words', () => {
  expect(environment.upstream_url).toBe(`http://127.0.0.1:${environment.http_port}`);
  expect(portOf(settingsSchema.parse(environment))).toBe(Number(environment.http_port));
  expect(portOf(settingsSchema.parse({ fprocess: environment.fprocess }))).toBe(
    Number(environment.http_port),
  );
  // faas-cli sets the template's, over the image's.
  expect(template.fprocess).toBe(environment.fprocess);
  // It is split at single spaces, without quoting.
  expect(environment.fprocess.split(' ')).toEqual(['node', 'index.js']);
});

test('times are such that a late answer is a 504, the watchdog ends, and Kubernetes waits for it', () => {
  const seconds = (name: string) => Number(/^(\d+)s$/.exec(environment[name] ?? '')?.[1]);
  expect(seconds('exec_timeout')).toBeLessThan(seconds('write_timeout'));
  expect(seconds('read_timeout')).toBe(seconds('write_timeout'));
  expect(seconds('healthcheck_interval')).toBeGreaterThan(0);
  expect(seconds('healthcheck_interval') + seconds('write_timeout')).toBeLessThan(30);
});
