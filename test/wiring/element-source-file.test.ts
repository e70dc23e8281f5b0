import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSources } from '#shared/wiring/element-source-file.ts';

const file = (text: string) => parseSources(parse(text));

test('a sources file may leave all but kind, name and place to the defaults', () => {
  const declared = file(`
    sources:
      - { name: space-track, kind: space-track, required: true }
      - { name: celestrak, kind: http, url: "https://celestrak.org/NORAD/elements/gp.php?GROUP=active&FORMAT=json" }
      - { name: drop, kind: folder, folder: /srv/elements, maxAgeHours: 72 }
      - { name: one, kind: file, file: /srv/one.tle, everyMinutes: 5 }
      - { name: vault, kind: bucket, bucket: embargo@elements, prefix: satf/, private: true, required: true }
  `);
  const common = { required: false, private: false, maxAgeHours: 24 };
  expect(declared).toEqual([
    {
      ...common,
      kind: 'space-track',
      name: 'space-track',
      url: 'https://www.space-track.org',
      required: true,
      everyMinutes: 60,
    },
    {
      ...common,
      kind: 'http',
      name: 'celestrak',
      url: 'https://celestrak.org/NORAD/elements/gp.php?GROUP=active&FORMAT=json',
      everyMinutes: 120,
    },
    { ...common, kind: 'folder', name: 'drop', folder: '/srv/elements', maxAgeHours: 72, everyMinutes: 0 },
    { ...common, kind: 'file', name: 'one', file: '/srv/one.tle', everyMinutes: 5 },
    {
      ...common,
      kind: 'bucket',
      name: 'vault',
      bucket: 'embargo@elements',
      prefix: 'satf/',
      private: true,
      required: true,
      everyMinutes: 0,
    },
  ]);
});

describe('a sources file is refused', () => {
  const one = (rest: string) => `{ sources: [{ name: a, ${rest} }] }`;
  test.each([
    ['{}', /^sources: /],
    ['', /^the file: /],
    ['{ sources: [] }', /^sources: name at least one source\.$/],
    [
      one('kind: ftp'),
      /^sources\[0\] \(a\)\.kind: kind must be space-track, http, folder, file or bucket\.$/,
    ],
    [one('kind: folder'), /^sources\[0\] \(a\)\.folder: /],
    [one('kind: file, file: x, requird: true'), /^sources\[0\] \(a\): .*"requird"/],
    [
      '{ sources: [{ name: A_1, kind: file, file: x }] }',
      /\(A_1\)\.name: lower-case letters, digits and hyphens/,
    ],
    [one('kind: space-track, everyMinutes: 30'), /everyMinutes: at least 60: Space-Track refuses/],
    [
      one('kind: space-track, url: "http://www.space-track.org"'),
      /url: https, since the password goes there\.$/,
    ],
    [one('kind: http, url: celestrak.org'), /url: an address like https:\/\/host\/path/],
    [one('kind: http, url: "https://me:secret@host/x"'), /url: an address without a user or password/],
    [
      one('kind: http, private: true, url: "http://host/x"'),
      /url: https, since what comes from there is private\.$/,
    ],
    [
      '{ sources: [{ name: a, kind: file, file: x }, { name: a, kind: file, file: y }] }',
      /^sources: every source needs a name of its own\.$/,
    ],
  ])('%s', (text, sentence) => {
    expect(() => file(text)).toThrow(sentence);
    expect(() => file(text)).not.toThrow('secret@');
  });

  test('but loopback needs no TLS', () => {
    for (const host of ['localhost:1', '127.0.0.1:9999', '[::1]']) {
      expect(file(one(`kind: space-track, url: "http://${host}/"`))[0]).toMatchObject({
        url: `http://${host}`,
      });
      expect(file(one(`kind: http, private: true, url: "http://${host}/x"`))).toHaveLength(1);
    }
  });
});
