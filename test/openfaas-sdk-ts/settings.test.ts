import { launchOf, pickTriggers, portOf, type Settings, settingsSchema } from 'openfaas-sdk-ts/settings.ts';
import { expect, test } from 'vitest';

const settings = (variables: Record<string, string>): Settings => settingsSchema.parse(variables);

test('the launch is of-watchdog’s where fprocess is set, and bare otherwise or where LAUNCH says so', () => {
  expect(launchOf(settings({}))).toBe('bare');
  expect(launchOf(settings({ fprocess: 'node index.js' }))).toBe('watchdog');
  expect(launchOf(settings({ fprocess: 'node index.js', LAUNCH: 'bare' }))).toBe('bare');
});

test('the port is http_port, PORT or 3000 behind of-watchdog, and PORT or 8080 bare', () => {
  const fprocess = 'node index.js';
  expect(portOf(settings({ fprocess, http_port: '4000', PORT: '5000' }))).toBe(4000);
  expect(portOf(settings({ fprocess, PORT: '5000' }))).toBe(5000);
  expect(portOf(settings({ fprocess }))).toBe(3000);
  expect(portOf(settings({ PORT: '5000' }))).toBe(5000);
  expect(portOf(settings({}))).toBe(8080);
  // A Job runs an image, whose environment is of-watchdog's.
  expect(portOf(settings({ fprocess, http_port: '3000', LAUNCH: 'bare', PORT: '8080' }))).toBe(8080);
});

test('TRIGGERS picks triggers in the order of declaration; absent all, none none', () => {
  expect([...pickTriggers(undefined, ['http', 'topic'])]).toEqual(['http', 'topic']);
  expect([...pickTriggers('topic, http', ['http', 'topic', 'timer'])]).toEqual(['http', 'topic']);
  expect([...pickTriggers('none', ['http'])]).toEqual([]);
  expect(() => pickTriggers('', ['http'])).toThrow("TRIGGERS names ''");
});
