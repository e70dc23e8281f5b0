import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { RunningFunction } from 'openfaas-sdk-ts';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { createConsole } from '../../cli/console/server.ts';
import { unixMsFromTai } from '../../cli/simulator/tai.ts';
import { writeNight } from '../../cli/supervisor/night-file.ts';
import {
  entry,
  plan,
  publish,
  put,
  query,
  source,
  start,
  visitBody,
} from '../functions/sattle-check/requests.ts';
import { alertIdOf, entriesOf, groupOf, madeNight, someAlert, visitOf } from '../support/console-night.ts';
import { testFolder } from '../support/folders.ts';
import { obtain } from '../support/services/availability.ts';
import { startChromium } from '../support/services/chromium.ts';

const browser = await obtain(startChromium);
afterAll(() => browser?.close());

/** A console on a folder of its own, and a tab that must say nothing bad and ask nobody else. */
async function lookingAt(
  options: BrowserContextOptions = {},
  { data, gateMetrics }: { data: string; gateMetrics?: RunningFunction['metrics'] } = { data: testFolder() },
) {
  const night = await madeNight(data);
  const server = serve({ fetch: createConsole(data, gateMetrics).fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const bad: string[] = [];
  page.on('console', (message) => message.type() === 'error' && bad.push(message.text()));
  page.on('pageerror', (error) => bad.push(error.message));
  page.on('request', (request) => request.url().startsWith(address) || bad.push(request.url()));
  onTestFinished(async () => {
    await context.close();
    server.close();
    await night.close();
  });
  return { night, page, address, bad, server };
}

const text = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).allInnerTexts())[0].replace(/\s+/g, ' ');

const imagesAreDrawn = (page: Page, selector: string): Promise<boolean> =>
  page
    .locator(selector)
    .evaluateAll((images) =>
      images.every(
        (image) => image instanceof HTMLImageElement && image.complete && image.naturalWidth >= 30,
      ),
    );

describe.skipIf(!browser)('the console in a browser', () => {
  it('shows the night as it happens', async () => {
    const { night, page, address, bad } = await lookingAt();
    await page.goto(address);
    await page.getByText('No visit yet').waitFor();
    await page.getByText('No alert yet').waitFor();
    await night.tell([0, 1, 2].flatMap((detector) => entriesOf({ index: 0, detector, until: 'arrived' })));
    const visit = page.getByRole('link', { name: visitOf(0).toString() });
    await visit.getByText('3 arrived').waitFor();
    await night.publish([someAlert(0, 0, 1)]);
    await night.tell([
      ...entriesOf({ index: 0, detector: 0, until: 'published' }),
      ...entriesOf({ index: 0, detector: 1, until: 'refused' }),
    ]);
    await visit.getByText('1 arrived, 1 published, 1 refused').waitFor({ timeout: 3000 });
    await page.getByRole('link', { name: `Alert ${alertIdOf(0, 0, 1)}` }).waitFor({ timeout: 3000 });
    expect(await text(page, '.counts')).toMatch(/detector-visits 3 .*alerts published 2 archived 0/);
    await expect.poll(() => imagesAreDrawn(page, '.alerts img')).toBe(true);
    // SimCam's nine sensors, of which three take part, each with its standing in words.
    expect(await page.locator('.visit .focal-plane rect').count()).toBe(9);
    expect(await page.locator('.visit .focal-plane title').allTextContents()).toContain(
      'detector 1 R22_S01: refused',
    );
    expect(bad).toEqual([]);
  });

  it('shows an alert with its stamps, its light curve and an id above 2^53', async () => {
    const { night, page, address, bad } = await lookingAt();
    const alert = someAlert(0, 4, 1);
    await night.publish([alert]);
    await night.archive([alert]);
    await page.goto(`${address}/alerts/${alert.diaSourceId}`);
    expect(await text(page, 'h1')).toBe(`Alert ${alert.diaSourceId}`);
    await page.locator('.light-curve canvas').waitFor();
    await expect.poll(() => imagesAreDrawn(page, '.stamps img')).toBe(true);
    expect(await page.locator('.stamps img').count()).toBe(3);
    expect(await text(page, '.light-curve')).toMatch(/6 detections \(full\), 8 forced \(open\)/);
    expect(await coloursIn(page, '.light-curve canvas')).toBeGreaterThan(10);
    await page.getByRole('row', { name: `diaObjectId ${alert.diaObject!.diaObjectId} ` }).waitFor();
    const others = page.locator('.others a');
    expect(await others.count()).toBe(5);
    expect(await others.last().getAttribute('href')).toBe(`/alerts/${alert.prvDiaSources![0].diaSourceId}`);
    expect(
      await page
        .locator('.downloads a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toContain(`/function/archive-read/v1/alerts/${alert.diaSourceId}/stamps/science`);
    expect(bad).toEqual([]);
  });

  it('is gone through with the keyboard', async () => {
    const { night, page, address } = await lookingAt();
    await night.publish([someAlert(0, 0, 1), someAlert(0, 0, 2)]);
    await page.goto(address);
    await page.locator('.alerts tbody tr').nth(1).waitFor();
    await page.keyboard.press('Tab');
    expect(await text(page, ':focus')).toBe('Skip to the content');
    expect(await page.locator(':focus').boundingBox()).toMatchObject({ x: 12 });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator(':focus').getAttribute('href')).toBe(`/alerts/${alertIdOf(0, 0, 1)}`);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${address}/alerts/${alertIdOf(0, 0, 2)}`);
  });

  it("shows what the ledger says of a visit's detectors, markup as text", async () => {
    const { night, page, address, bad } = await lookingAt();
    const cause = '<img src=x onerror="document.title=1"> is no raw';
    await night.tell([
      ...entriesOf({ index: 0, detector: 0, until: 'archived' }),
      ...entriesOf({ index: 0, detector: 1, until: 'refused', cause }),
    ]);
    await page.goto(`${address}/visits/${encodeURIComponent(groupOf(0))}`);
    await page.getByRole('heading', { name: '1 R22_S01: refused' }).waitFor();
    expect(await text(page, '#detector-1 .cause')).toBe(cause);
    expect(await text(page, '#detector-0 table')).toMatch(
      /^wanted .* gated .* sources 2, satellites 0, trails 0 .*archived/,
    );
    await page.locator('.focal-plane a').nth(1).click();
    expect(new URL(page.url()).hash).toBe('#detector-1');
    expect(bad).toEqual([]);
  });

  it('draws all of LSSTCam', async () => {
    const { night, page, address } = await lookingAt();
    const instrument = 'LSSTCam';
    const detectors = Array.from({ length: 189 }, (_, detector) => detector);
    await night.tell(
      detectors.flatMap((detector) => entriesOf({ index: 0, detector, until: 'archived', instrument })),
    );
    await page.goto(address);
    await page.getByText('189 archived').waitFor();
    expect(await page.locator('.visit .focal-plane .archived').count()).toBe(189);
  });

  it('shows how the satellite gate stands, by what sattle-check counts', async () => {
    const data = testFolder();
    const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
    await publish(products);
    const gate = await start(data);
    onTestFinished(async () => {
      await gate.stop();
      await products.close();
    });
    const { night, page, address, bad } = await lookingAt({}, { data, gateMetrics: gate.metrics });
    const [visit, blind] = [plan.visitAt(21), plan.visitAt(22)];
    const originMs = unixMsFromTai(visit.begin);
    writeNight(data, { camera: 'SimCam', seed: 7, originMs, atMs: Date.now(), speed: 0 });
    await page.goto(address);
    await page.getByText('It answers, and nothing waits for it.').waitFor();
    await page.getByText('No visit was told of since the services began.').waitFor();
    const sources = [source(1n, { raDeg: visit.raDeg + 0.4, decDeg: visit.decDeg })];
    expect((await put(gate, '/diasource_allow_list', query(visit, sources))).status).toBe(404);
    for (const told of [visit, blind]) await put(gate, '/visit_cache', visitBody(told));
    expect((await put(gate, '/diasource_allow_list', query(visit, sources))).status).toBe(200);
    await page.getByText(/none in \d of 2 visits/).waitFor({ timeout: 5000 });
    const figures = await text(page, '.gate-figures');
    expect(figures).toMatch(new RegExp(`catalogue ${entry.count.toLocaleString('en')} objects`));
    expect(figures).toMatch(/age \d+\.\d h of 24 h sources asked 1 removed [01] /);
    expect(figures).toMatch(/allow list, median [\d.]+ m?s 99 % in [\d.]+ m?s visit told, median [\d.]+ m?s/);
    expect(await text(page, '.refusals')).toMatch(/visit not told of yet \(as each visit begins\) 1/);
    expect(await page.getByRole('meter').getAttribute('aria-label')).toMatch(/^\d+\.\d of 24 hours$/);
    expect(await coloursIn(page, '.gate canvas')).toBeGreaterThan(5);
    // A day later the catalogue is too old: it is asked in vain, and work waits.
    writeNight(data, {
      camera: 'SimCam',
      seed: 7,
      originMs: originMs + 86_400_000 * 2,
      atMs: Date.now(),
      speed: 0,
    });
    await night.tell(entriesOf({ index: 0, detector: 0, until: 'measured' }));
    const alarm = page.getByRole('alert');
    await alarm.getByText('The satellite gate refuses to answer: 1 detector waits for it.').waitFor();
    expect(await text(page, '.gate-state')).toMatch(
      /^It refuses: .* more than the 24 h allowed\. 1 detector waits/,
    );
    await alarm.getByRole('link').click();
    expect(new URL(page.url()).hash).toBe('#gate');
    expect(bad).toEqual([]);
  });

  it('says what is not there, and that nobody answers', async () => {
    const { page, address, server } = await lookingAt();
    await page.goto(`${address}/alerts/12345`);
    await page.getByText('Nothing of this id is in the archive').waitFor();
    await page.goto(`${address}/visits/none`);
    await page.getByText('The ledger knows no visit of the group none').waitFor();
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await page.getByRole('alert').waitFor();
    expect(await text(page, '[role=alert]')).toMatch(/^Nightshift does not answer/);
  });

  it.each(['light', 'dark'] as const)('fits a telephone, %s', async (colorScheme) => {
    const { night, page, address, bad } = await lookingAt({
      colorScheme,
      viewport: { width: 390, height: 800 },
    });
    const alert = someAlert(0, 0, 1);
    await night.publish([alert]);
    await night.tell([0, 1].flatMap((detector) => entriesOf({ index: 0, detector, until: 'published' })));
    for (const path of ['/', `/alerts/${alert.diaSourceId}`, `/visits/${visitOf(0)}`]) {
      await page.goto(address + path);
      await page.locator('.alerts tr, .fields tr, .detectors li').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe(colorScheme === 'dark' ? 'rgb(12, 17, 27)' : 'rgb(251, 250, 247)');
    }
    expect(bad).toEqual([]);
  });
});

/** How many colours a canvas shows: an empty one has one. */
const coloursIn = (page: Page, selector: string): Promise<number> =>
  page.locator(selector).evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) return 0;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
