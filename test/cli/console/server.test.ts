import { describe, expect, it, onTestFinished } from 'vitest';
import { createConsole } from '../../../cli/console/server.ts';
import { alertIdOf, entriesOf, groupOf, madeNight, someAlert, visitOf } from '../../support/console-night.ts';
import { testFolder } from '../../support/folders.ts';

async function consoleOf() {
  const data = testFolder();
  const night = await madeNight(data);
  onTestFinished(() => night.close());
  return { night, app: createConsole(data) };
}

/** Waits for as long as two looks at the log are taken for one. */
const untilNextLook = () => new Promise((resolve) => setTimeout(resolve, 250));

describe('the console', () => {
  it('tells the night, and with the same ETag when nothing happened', async () => {
    const { night, app } = await consoleOf();
    await night.tell(entriesOf({ index: 0, detector: 0, until: 'archived' }));
    const first = await app.request('/console/state');
    expect(await first.json()).toMatchObject({
      night: { camera: 'SimCam', seed: 7, speed: 1 },
      totals: { visits: 1, published: 2, archived: 2 },
      visits: [{ group: groupOf(0), visit: visitOf(0).toString(), detectors: { archived: [0] } }],
    });
    const headers = { 'if-none-match': first.headers.get('etag')! };
    expect((await app.request('/console/state', { headers })).status).toBe(304);
    await untilNextLook();
    await night.tell(entriesOf({ index: 1, detector: 0, until: 'wanted' }));
    const second = await app.request('/console/state', { headers });
    expect(second.status).toBe(200);
    expect((await second.json()).visits.map(({ group }: { group: string }) => group)).toEqual([
      groupOf(1),
      groupOf(0),
    ]);
  });

  it('tells the newest alerts first, with ids above 2^53 as text', async () => {
    const { night, app } = await consoleOf();
    await night.publish([someAlert(0, 0, 1), someAlert(0, 0, 2)]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await night.publish([someAlert(1, 4, 1, -900)]);
    const rows = await (await app.request('/console/alerts')).json();
    const ids = rows.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([alertIdOf(1, 4, 1), alertIdOf(0, 0, 2), alertIdOf(0, 0, 1)].map(String));
    expect(BigInt(ids[0])).toBeGreaterThan(2n ** 53n);
    expect(rows[0]).toMatchObject({
      fluxNjy: -900,
      detections: 6,
      visit: visitOf(1).toString(),
      detector: 4,
    });
  });

  it('shows an alert from the topic before it is archived, and from the archive then', async () => {
    const { night, app } = await consoleOf();
    const alert = someAlert(0, 0, 1);
    await night.publish([alert]);
    const details = await (await app.request(`/console/alerts/${alert.diaSourceId}`)).json();
    expect(details).toMatchObject({
      id: alert.diaSourceId.toString(),
      archived: false,
      diaSource: { diaObjectId: alert.diaObject!.diaObjectId.toString(), psfFlux: 2400 },
      stamps: { side: 31 },
    });
    expect(details.prvDiaSources).toHaveLength(5);
    expect(details.prvDiaForcedSources).toHaveLength(8);
    await night.archive([alert]);
    expect(await (await app.request(`/console/alerts/${alert.diaSourceId}`)).json()).toMatchObject({
      archived: true,
    });
    const png = await app.request(`/console/stamps/${alert.diaSourceId}/difference.png`);
    expect(png.headers.get('content-type')).toBe('image/png');
    expect((await app.request(`/console/stamps/${alert.diaSourceId}/other.png`)).status).toBe(404);
  });

  it('tells how the gate stands: its catalogue, next to the limit, and what waits for it', async () => {
    const { night, app } = await consoleOf();
    const gate = async () => (await app.request('/console/gate')).json();
    const nothing = { detectors: 0, seconds: 0 };
    expect(await gate()).toEqual({
      limitHours: 24,
      refuses: 'there is no satellite catalogue',
      waiting: nothing,
    });
    await night.spoilCatalogue();
    expect((await gate()).refuses).toMatch(/index\.json/);
    await night.listCatalogue({ id: 'made-up', count: 26_000, hoursOld: 3.2 });
    const catalogue = { id: 'made-up', size: 26_000, ageHours: 3.2 };
    expect(await gate()).toEqual({ limitHours: 24, catalogue, waiting: nothing });
    await night.listCatalogue({ id: 'made-up', count: 26_000, hoursOld: 25 });
    await night.tell([0, 1].flatMap((detector) => entriesOf({ index: 0, detector, until: 'measured' })));
    await night.tell(entriesOf({ index: 0, detector: 2, until: 'gated' }));
    await untilNextLook();
    const refusing = await gate();
    expect(refusing).toMatchObject({
      catalogue: { ageHours: 25 },
      refuses: expect.stringMatching(/25\.0 h away, more than the 24 h allowed/),
      waiting: { detectors: 2 },
    });
    // The made-up night began long ago, so that they have waited ever since.
    expect(refusing.waiting.seconds).toBeGreaterThan(30);
    expect(refusing.waiting.seconds % 10).toBe(0);
  });

  it('passes over a record that cannot be read', async () => {
    const { night, app } = await consoleOf();
    await night.spoil('lsst-alerts-v11');
    await night.spoil('nightshift-ledger');
    await night.publish([someAlert(0, 0, 1)]);
    await night.tell(entriesOf({ index: 0, detector: 0, until: 'wanted' }));
    expect(await (await app.request('/console/alerts')).json()).toHaveLength(1);
    expect((await (await app.request('/console/state')).json()).visits).toHaveLength(1);
  });

  it('answers 404 with a page for an alert and a visit that are not', async () => {
    const { night, app } = await consoleOf();
    await night.tell(entriesOf({ index: 0, detector: 0, until: 'wanted' }));
    for (const path of ['/alerts/12345', '/alerts/%3Cscript%3E', '/visits/none']) {
      const page = await app.request(path);
      expect(page.status).toBe(404);
      const html = await page.text();
      expect(html).toContain('/console/app.js');
      expect(html).not.toContain('<script>');
    }
    expect((await app.request('/console/alerts/99999999999999999999')).status).toBe(404);
    expect((await app.request(`/visits/${encodeURIComponent(groupOf(0))}`)).status).toBe(200);
  });

  it('finds a visit by a group with characters that addresses give a meaning to', async () => {
    const { night, app } = await consoleOf();
    const group = 'a/b c#+1?%25';
    const entries = entriesOf({ index: 0, detector: 3, until: 'arrived' }).map((entry) => ({
      ...entry,
      slot: `SimCam/${encodeURIComponent(group)}/3`,
    }));
    await night.tell(entries);
    const answer = await app.request(`/console/visits/${encodeURIComponent(group)}`);
    expect(await answer.json()).toMatchObject({ group, accounts: [{ detector: 3, standing: 'arrived' }] });
    expect((await app.request(`/visits/${encodeURIComponent(group)}`)).status).toBe(200);
  });

  it('lets a page load nothing from elsewhere', async () => {
    const { app } = await consoleOf();
    const page = await app.request('/');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await page.text()).not.toMatch(/(src|href)="(?!\/console\/)/);
    const script = await app.request('/console/app.js');
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/);
    // Preact, uPlot, the page, the table of fields and all focal planes: 130 KB when this was written.
    expect((await script.text()).length).toBeLessThan(200_000);
    expect(await (await app.request('/console/app.css')).text()).not.toMatch(/url\(|@import/);
  });
});
