import fc from 'fast-check';
import { createLog, cutLine, logWith, longestLineBytes, redactLine } from 'openfaas-sdk-ts/log.ts';
import { expect, test } from 'vitest';

function logged(write: (log: ReturnType<typeof createLog>) => void, secrets: string[] = []): string[] {
  const lines: string[] = [];
  write(
    createLog({ fn: 'log-test', level: 'info', secrets, to: { write: (line) => void lines.push(line) } }),
  );
  return lines;
}

test('a line is one JSON object with level, time, fn and msg', () => {
  const [line] = logged((log) => log.info({ visit: '2025060900578' }, 'measured'));
  expect(line.endsWith('}\n')).toBe(true);
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    fn: 'log-test',
    visit: '2025060900578',
    msg: 'measured',
  });
});

test('a line has the fields of its unit, and none of the line before', () => {
  const lines = logged((log) =>
    logWith({ item: 'a' }, () => {
      log.info({ source: 'vault', count: 3 }, 'first');
      log.info('second');
    }),
  );
  const [first, { time: _, ...second }] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ item: 'a', source: 'vault', count: 3 });
  expect(second).toEqual({ level: 'info', fn: 'log-test', item: 'a', msg: 'second' });
});

test('a line over 64 KiB is cut and says so; of-watchdog would never log again', () => {
  const [line] = logged((log) => log.error({ body: 'x'.repeat(200_000), callId: 'c' }, 'too long'));
  expect(Buffer.byteLength(line)).toBeLessThan(longestLineBytes);
  const { cut, msg, callId } = JSON.parse(line);
  expect([msg, callId]).toEqual(['too long', 'c']);
  expect(cut.bytes).toBeGreaterThan(200_000);
  expect(cut.start).toContain('"body":"xxx');
});

test('whatever is logged, a line stays under 64 KiB and is JSON', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 40_000 }),
      fc.boolean(),
      (unit, times, inMessage) => {
        const text = unit.repeat(Math.ceil(times / unit.length));
        const [line] = logged((log) => (inMessage ? log.info(text) : log.info({ text }, 'text')));
        expect(Buffer.byteLength(cutLine(line))).toBeLessThan(longestLineBytes);
        expect(JSON.parse(line).level).toBe('info');
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever the secret is, it is gone from strings, keys and numbers, and the line is still JSON', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 4, maxLength: 30 }).filter((text) => !/^[level]+$/.test(text)),
      (secret) => {
        const line = JSON.stringify({ level: 'info', time: 1, msg: `a ${secret} b`, [secret]: [secret] });
        const clean = redactLine(`${line}\n`, [secret]);
        const values = JSON.parse(clean);
        expect(values.msg.includes(secret)).toBe(false);
        expect(Object.keys(values).some((key) => key.includes(secret))).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
  const clean = redactLine('{"level":"info","time":1234567,"pin":1234567}\n', ['1234567']);
  expect(JSON.parse(clean)).toEqual({ level: 'info', time: 1234567, pin: '[secret]' });
});
