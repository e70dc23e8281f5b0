import { deserialize } from 'node:v8';
import { expect } from 'vitest';
import type { Alert } from '#shared/domain/alert/packet.ts';
import { checkNight } from '#shared/domain/ledger/check.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import type { CrossedField, CrossedVisit } from './crossed-field.ts';
import { observe } from './decam-visit.ts';
import type { Telling } from './leak-forms.ts';
import { leaks, type Place, placesOf, placesTelling, sealedPlaces, toldAnywhere } from './leak-search.ts';
import type { Observatory } from './observatory.ts';

/** A visit that waits for the gate, and all that was measured in it. */
export interface Held {
  readonly visit: CrossedVisit;
  readonly onPath: readonly Telling[];
  readonly offPath: readonly Telling[];
}

/**
 * Observes a visit that the gate does not let through, waits until it was given back so many times, lets `mend` do its
 * work, and shows that until then nothing of any source was told anywhere; `why` must have been the reason of the
 * last time that was waited for, and of those after it.
 */
export async function holdVisit(
  observatory: Observatory,
  visit: CrossedVisit,
  { why, times = 1, mend }: { why: RegExp; times?: number; mend: () => unknown },
): Promise<Held> {
  const before = observatory.holds().length;
  const placesBefore = await placesOf(observatory);
  const published = (await observatory.packets()).length;
  await observe(observatory, visit);
  await observatory.heldTimes(before + times);
  const held = await heldIn(observatory, visit);
  const places = await placesOf(observatory);
  const publishedNow = (await observatory.packets()).length;
  const holds = observatory.holds().slice(before);
  await mend();
  for (const hold of holds.slice(times - 1)) expect(hold.why).toMatch(why);
  expect(publishedNow).toBe(published);
  expect(leaks(places, [...held.onPath, ...held.offPath], placesBefore)).toEqual([]);
  return held;
}

/** What lies sealed of a visit, told apart by the satellite's path as the simulator has it. */
export async function heldIn({ data }: Observatory, visit: CrossedVisit): Promise<Held> {
  const sealed = sealedPlaces(data).filter(({ name }) => name.includes(`/${visit.visit}/`));
  expect(sealed).toHaveLength(1);
  const sources: Telling[] = deserialize(sealed[0]!.bytes).sources;
  // The same search finds each of them once the seal is broken, so it would have found it elsewhere.
  expect(toldAnywhere(sealed, sources).size).toBe(sources.length);
  const distances = sources.map((source) => ({ source, arcsec: visit.fromPath(source.ra, source.dec) }));
  // Nothing lies where a box's size or the seeing decides.
  expect(distances.filter(({ arcsec }) => arcsec > 32 && arcsec < 42)).toEqual([]);
  const nearer = (on: boolean) =>
    distances.filter(({ arcsec }) => arcsec < 36 === on).map(({ source }) => source);
  return { visit, onPath: nearer(true), offPath: nearer(false) };
}

/**
 * Waits until all work is done and shows of each visit: its point sources off the path are alerts, each once; those on
 * it are counted, and nothing tells where they were; nothing is sealed any more.
 */
export async function expectOutcome(
  observatory: Observatory,
  field: CrossedField,
  visits: readonly Held[],
): Promise<void> {
  const { counts, differences } = checkNight(await observatory.settled(90));
  expect(differences).toEqual([]);
  expect(counts).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });
  const alerts = await observatory.alerts();
  for (const held of visits) expectAlerts(held, field, alerts);
  const accounts = await observatory.accounts();
  for (const { visit, onPath, offPath } of visits) {
    const account = accounts.find((each) => each.slot === visit.slot);
    const { satellites, trails, unreliable } = account?.steps.gated?.counts ?? {};
    expect(satellites).toBe(onPath.length);
    expect(trails).toBeGreaterThan(0);
    expect(trails! + unreliable! + 3).toBe(offPath.length);
  }
  expect(sealedPlaces(observatory.data)).toEqual([]);
  const places = await placesOf(observatory);
  const all = visits.flatMap(({ onPath, offPath }) => [...onPath, ...offPath]);
  const out = new Set(alerts.map(({ diaSourceId }) => diaSourceId));
  const removed = all.filter(({ diaSourceId }) => !out.has(diaSourceId));
  const published = all.filter(({ diaSourceId }) => out.has(diaSourceId));
  expect(leaks(places, removed, [forcedIds(alerts)])).toEqual([]);
  expect(placesTelling(places, published)).toEqual(
    expect.arrayContaining([
      'apdb.sqlite rows',
      'bus.sqlite rows',
      '/console/alerts',
      expect.stringMatching(/^objects\/products\/bundles\//),
      expect.stringMatching(/^objects\/archive\/v2\/alerts\//),
    ]),
  );
}

/** Forced sources are numbered from 1 like sources, as in the original: such a number is no source's id. */
const forcedIds = (alerts: readonly Alert[]): Place => {
  const ids = alerts.flatMap(({ prvDiaForcedSources }) =>
    (prvDiaForcedSources ?? []).map(({ diaForcedSourceId }) => diaForcedSourceId),
  );
  return { name: 'ids of forced sources', bytes: Buffer.from(ids.join('\n')) };
};

/** Alerts of a visit and what was planted off the path belong to each other, one to one. */
function expectAlerts({ visit, onPath, offPath }: Held, field: CrossedField, all: readonly Alert[]): void {
  const alerts = all.map(({ diaSource }) => diaSource).filter((source) => source.visit === visit.visit);
  expect(onPath.length).toBeGreaterThan(3);
  expect(
    alerts
      .map(({ diaSourceId }) => diaSourceId)
      .filter((id) => !offPath.some((each) => each.diaSourceId === id)),
  ).toEqual([]);
  const wanted = field.planted.filter(({ onPath }) => !onPath);
  const found = wanted.map(
    ({ raDeg, decDeg }) =>
      alerts.filter(({ ra, dec }) => separationArcsec(ra, dec, raDeg, decDeg) < 1).length,
  );
  expect(found).toEqual(wanted.map(() => 1));
  expect(alerts).toHaveLength(wanted.length);
}
