import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frame } from '#shared/domain/alert/wire.ts';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { sidecarKey } from '#shared/domain/ids/object-key.ts';
import { skyToPixel } from '#shared/domain/sky/wcs.ts';
import {
  type DecamVisit,
  decamVisit,
  firstExposureMs,
  nextVisitRecord,
  observe,
  putSatellites,
  putTemplate,
} from '../support/decam-visit.ts';
import { runCommand } from '../support/night.ts';
import { type Observatory, openObservatory } from '../support/observatory.ts';
import { syntheticField } from '../support/synthetic-field.ts';

const field = syntheticField(1);
const { science, template, transients } = field;
/** The same frame somewhere else on the sky, of which there is no template. */
const elsewhere = {
  ...science,
  raDeg: science.raDeg + 40,
  cards: science.cards.map((card) =>
    card.keyword === 'CRVAL1' ? { ...card, value: Number(card.value) + 40 } : card,
  ),
};

const good = decamVisit(1, science);
const truncated = cut(decamVisit(2, science), (fits) => fits.subarray(0, fits.length - 2 * 2880));
const damaged = cut(decamVisit(3, science), (fits) =>
  fits.map((byte, at) => (at === 100_000 ? byte ^ 1 : byte)),
);
const unaccompanied = decamVisit(4, science);
const untemplated = decamVisit(5, elsewhere);
const garbled = decamVisit(6, science);
const unfiltered = decamVisit(7, { ...science, filter: 'Halpha' });
const noFits = cut(decamVisit(8, science), () => Buffer.from('this is a text file\n'.repeat(300)));
const last = decamVisit(9, science);
const visits = { good, truncated, damaged, unaccompanied, untemplated, garbled, unfiltered, noFits, last };

function cut(visit: DecamVisit, change: (fits: Uint8Array) => Uint8Array): DecamVisit {
  return { ...visit, fits: change(visit.fits) };
}

const misplaced = 'DECam/20180803/DC_O_20180803_000001/more/DC_O_20180803_000001_R00_S00.fits';
const misnamed = 'DECam/20180803/DC-O-20180803/DC-O-20180803_R00_S00.fits';

let observatory: Observatory;
let deadLetters: Map<string, string>;
let answers: Record<'wrongSecret' | 'mixed' | 'malformed' | 'noRecords' | 'oversized', Answer>;
interface Answer {
  readonly status: number;
  readonly body: string;
}

const notify = async (body: string): Promise<Answer> => {
  const reply = await fetch(`${observatory.gateway}/function/enqueue/notify`, { method: 'POST', body });
  return { status: reply.status, body: await reply.text() };
};

const record = (key: string, opaqueData: string) => ({
  eventSource: 'ceph:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'raw' }, object: { key, eTag: 'x', sequencer: '01' } },
  opaqueData,
});

beforeAll(async () => {
  observatory = await openObservatory({ instrument: DECam, detectors: [0], originMs: firstExposureMs });
  await putSatellites(observatory);
  await putTemplate(observatory, template);
  const { secret, raws } = observatory;
  await observatory.announce(Buffer.from('no Avro'));
  await observatory.announce(nextVisitRecord(good.announcement).subarray(0, 60));
  await observatory.announce(frame(77, nextVisitRecord(good.announcement).subarray(5)));
  await observatory.announce(nextVisitRecord({ ...good.announcement, instrument: 'HyperSuprimeCam' }));
  await observatory.announce(nextVisitRecord({ ...good.announcement, position: [1] }));
  for (const visit of Object.values(visits)) {
    if (visit === unaccompanied) {
      await observatory.announce(nextVisitRecord(visit.announcement));
      await raws.put(visit.key, visit.fits);
    } else await observe(observatory, visit);
    if (visit === garbled) await raws.put(sidecarKey(visit.key), Buffer.from('{"INSTRUME": "DEC'));
  }
  for (const key of [misplaced, misnamed]) await raws.put(key, good.fits);
  answers = {
    wrongSecret: await notify(JSON.stringify({ Records: [record(good.key, 'guessed')] })),
    mixed: await notify(
      JSON.stringify({ Records: [{ s3: {} }, null, record('a/b.fits', secret), record(last.key, secret)] }),
    ),
    malformed: await notify('{"Records": ['),
    noRecords: await notify('{"records": []}'),
    oversized: await notify(`{"Records": [], "filler": "${'x'.repeat(5_000_000)}"}`),
  };
  const evidence = await observatory.settled(80);
  deadLetters = new Map(evidence.deadLetters.map(({ item, cause }) => [item, cause]));
}, 120_000);

afterAll(() => observatory?.[Symbol.asyncDispose](), 60_000);

describe('a night full of bad input', () => {
  test.each(['good', 'unaccompanied', 'garbled', 'last'] as const)(
    'the %s visit becomes alerts',
    async (name) => {
      const { visit, slot } = visits[name];
      const alerts = (await observatory.alerts()).filter(({ diaSource }) => diaSource.visit === visit);
      for (const { x, y } of transients) {
        const near = alerts.filter(({ diaSource: { ra, dec } }) => {
          const at = skyToPixel(science.wcs, ra, dec)!;
          return Math.hypot(at.x - x, at.y - y) < 2;
        });
        expect(near).toHaveLength(1);
      }
      expect(deadLetters.has(slot)).toBe(false);
    },
  );

  test.each([
    ['truncated', '264960: truncated'],
    ['damaged', 'DATASUM is 1981960785 and the sum of the data is 1998738001: the data are damaged'],
    ['noFits', 'has no END card in the 6000 bytes left: the file is truncated or no FITS'],
    ['untemplated', 'templates cover 0.0 % of the detector, less than 10 %'],
    ['unfiltered', 'FILTER is Halpha, which is no filter of DECam'],
  ] as const)(
    'the %s raw is set aside with its key and the reason, and the ledger says so',
    async (name, why) => {
      const { slot, key, visit } = visits[name];
      const cause = deadLetters.get(slot);
      expect(cause).toContain(key);
      expect(cause).toContain(why);
      const account = (await observatory.accounts()).find((each) => each.slot === slot);
      expect(account).toMatchObject({ state: 'refused', cause });
      const sources = await observatory.evidence();
      expect(sources.claims.filter((claim) => claim.visit === visit && claim.manifest)).toEqual([]);
    },
  );

  test('keys that name no raw are set aside by enqueue', () => {
    expect(deadLetters.get(`raw/${misplaced}`)).toContain("6 components; a camera's path is");
    expect(deadLetters.get(`raw/${misnamed}`)).toContain('is not of the form CODE_CONTROLLER_DAY_NUMBER');
    expect(deadLetters.get('raw/a/b.fits')).toContain('has 3 components');
  });

  test('nextVisit records that cannot be read are set aside one by one', () => {
    const causes = [0, 1, 2, 3, 4].map((offset) => deadLetters.get(`next-visit-fanout.dead#${offset}`));
    expect(causes[0]).toContain("A packet starts with byte 110 where Confluent's wire format has 0");
    expect(causes[1]).toContain('it is cut or damaged');
    expect(causes[2]).toContain('names the schema 77, which the registry does not have');
    expect(causes[3]).toContain("names the instrument 'HyperSuprimeCam', which is not one of DECam");
    expect(causes[4]).toContain('field position is [1], not two numbers');
  });

  test('enqueue answers each bad notification, and takes the good record among bad ones', () => {
    expect(answers.wrongSecret).toEqual({ status: 200, body: '[]' });
    expect(observatory.log()).toContain('wrong secret');
    expect(JSON.parse(answers.mixed.body)).toMatchObject([{ path: `raw/${last.key}` }]);
    expect(answers.malformed).toMatchObject({
      status: 400,
      body: expect.stringContaining('Unexpected end of JSON'),
    });
    expect(answers.noRecords).toMatchObject({ status: 400, body: expect.stringContaining('no list') });
    expect(answers.oversized).toMatchObject({ status: 413, body: expect.stringContaining('4194304 bytes') });
  });

  test('nothing else is dead, and ledger --check names every dead letter and no other difference', async () => {
    expect(deadLetters.size).toBe(14);
    const check = await runCommand(['ledger', '--check', '--data', observatory.data]);
    const [counts, ...differences] = check.stdout.trim().split('\n');
    expect(check.code).toBe(1);
    expect(JSON.parse(counts!)).toMatchObject({
      arrived: 9,
      processed: 4,
      lost: 0,
      duplicated: 0,
      deadLettered: 14,
    });
    expect(differences.toSorted()).toEqual(
      [...deadLetters].map(([item, why]) => `${item}: dead, ${why}`).toSorted(),
    );
  });
});
