import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildAlert } from '#shared/domain/alert/packet.ts';
import { packStamp } from '#shared/domain/alert/stamps.ts';
import { alertDetails, stampFacts } from '../../../cli/console/alert-details.ts';
import { differenceStretch, stampPng } from '../../../cli/console/stamp-image.ts';
import { someObject, someSource } from '../../support/alert-rows.ts';
import { someAlert } from '../../support/console-night.ts';

const side = 30;

/** A stamp of a flat sky but for a square of 3 x 3 pixels around one, with noise of 10 nJy a pixel. */
function stampWith(sky: number, at: { x: number; y: number; value: number }, degrees = 0): Uint8Array {
  const pixels = new Float32Array(side * side).fill(sky);
  for (let y = at.y - 1; y <= at.y + 1; y++)
    for (let x = at.x - 1; x <= at.x + 1; x++) pixels[y * side + x] = at.value;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const pixel = 0.2 / 3600;
  return packStamp({
    minX: 0,
    minY: 0,
    side,
    pixels,
    variance: new Float32Array(side * side).fill(100),
    psf: { width: 1, height: 1, pixels: Float64Array.of(1) },
    wcs: { crvalDeg: [10, 20], crpix: [15, 15], cd: [-pixel * cos, pixel * sin, pixel * sin, pixel * cos] },
    x: 15,
    y: 15,
  });
}

const alertWith = (stamps: {
  difference: Uint8Array | null;
  science: Uint8Array | null;
  template: Uint8Array | null;
}) =>
  buildAlert({
    diaSource: someSource(),
    belongsTo: { diaObject: someObject(), sources: [], forcedSources: [] },
    stamps,
    observationReason: '',
    targetName: '',
  });

/** Pixels of a PNG of 8-bit RGB whose rows have no filter: `at(column, row from the top)`. */
function readPng(png: Uint8Array) {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const from = bytes.indexOf('IDAT') + 4;
  const rows = inflateSync(bytes.subarray(from, from + bytes.readUInt32BE(from - 8)));
  const at = (x: number, y: number): number[] => [
    ...rows.subarray(y * (3 * width + 1) + 1 + 3 * x, y * (3 * width + 1) + 4 + 3 * x),
  ];
  return { width, height, at };
}

describe('a stamp as a picture', () => {
  it('has the first row of the stamp at the bottom', () => {
    const science = stampWith(0, { x: 3, y: 2, value: 5000 });
    const { width, height, at } = readPng(
      stampPng(alertWith({ science, template: null, difference: null }), 'science')!,
    );
    expect([width, height]).toEqual([side, side]);
    expect(at(3, side - 1 - 2)).toEqual([255, 255, 255]);
    expect(at(3, 2)[0]).toBeLessThan(128);
  });

  it('shows science and template on one scale', () => {
    const alert = alertWith({
      science: stampWith(0, { x: 3, y: 2, value: 5000 }),
      template: stampWith(0, { x: 9, y: 9, value: 200 }),
      difference: null,
    });
    const [science, template] = (['science', 'template'] as const).map((kind) =>
      readPng(stampPng(alert, kind)!),
    );
    expect(template.at(0, 0)).toEqual(science.at(0, 0));
    expect(template.at(9, side - 1 - 9)[0]).toBeGreaterThan(template.at(0, 0)[0]);
    expect(template.at(9, side - 1 - 9)[0]).toBeLessThan(255);
  });

  it('shows a pixel that is not there in a colour that no grey has', () => {
    const difference = stampWith(0, { x: 1, y: 1, value: Number.NaN });
    const [red, green, blue] = readPng(
      stampPng(alertWith({ difference, science: null, template: null }), 'difference')!,
    ).at(0, side - 1);
    expect(new Set([red, green, blue]).size).toBe(3);
  });

  it('is none where the alert has none', () => {
    expect(
      stampPng(alertWith({ difference: null, science: null, template: null }), 'science'),
    ).toBeUndefined();
  });
});

it('a difference is middle grey at zero, darker below and brighter above by as much', () => {
  const grey = differenceStretch([0, 1, -1, 2, -2], 10);
  expect(grey(0)).toBe(128);
  expect(grey(15)).toBe(191);
  expect(grey(-15)).toBe(64);
  expect([grey(-1000), grey(1000)]).toEqual([0, 255]);
});

describe('how a stamp lies on the sky', () => {
  it.each([0, 30, 90, 200])('turned by %i degrees', (degrees) => {
    const facts = stampFacts(stampWith(0, { x: 1, y: 1, value: 0 }, degrees))!;
    const angle = (degrees * Math.PI) / 180;
    expect(facts.side).toBe(side);
    expect(facts.widthArcsec).toBeCloseTo(6, 3);
    expect(facts.north[0]).toBeCloseTo(Math.sin(angle), 4);
    expect(facts.north[1]).toBeCloseTo(Math.cos(angle), 4);
    expect(facts.east[0]).toBeCloseTo(-Math.cos(angle), 4);
    expect(facts.east[1]).toBeCloseTo(Math.sin(angle), 4);
  });
});

it("an object's later alerts are those among the newest that were seen after this one", () => {
  const alert = someAlert(1, 0, 1);
  const row = {
    visit: '1',
    detector: 0,
    raDeg: 0,
    decDeg: 0,
    band: 'r',
    fluxNjy: 1,
    fluxErrNjy: 1,
    snr: 1,
    detections: 2,
    publishedMs: 0,
    object: alert.diaObject!.diaObjectId.toString(),
  };
  const mjd = alert.diaSource.midpointMjdTai;
  const newest = [
    { ...row, id: 'later', midpointMjdTai: mjd + 0.01 },
    { ...row, id: 'earlier', midpointMjdTai: mjd - 0.01 },
    { ...row, id: 'of another object', object: '7', midpointMjdTai: mjd + 0.01 },
  ];
  expect(alertDetails(alert, true, newest).later.map(({ id }) => id)).toEqual(['later']);
});
