import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeader } from '#shared/domain/alert/header.ts';
import { buildAlert, decodeAlert, encodeAlert } from '#shared/domain/alert/packet.ts';
import { packStamp, stampWindow } from '#shared/domain/alert/stamps.ts';
import { pixelToSky, type Wcs } from '#shared/domain/sky/wcs.ts';
import { alertAvroSchema } from '#shared/schemas/alert/avro.ts';
import { someForcedSource, someId, someObject, someSource } from '../support/alert-rows.ts';
import { suiteFolder } from '../support/folders.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain } from '../support/services/availability.ts';
import { sharedData } from '../support/shared-data.ts';

interface ReadStamp {
  readonly sha256: string;
  readonly sums: number[];
  readonly source: [number, number];
  readonly corner: [number, number];
}
interface ReadPacket {
  readonly schemaId: number;
  readonly alert: Record<string, unknown>;
  readonly stamps: Record<string, ReadStamp | null>;
  readonly sameBytes: boolean;
}

const oracle = join(import.meta.dirname, 'alert-oracle.py');
const ask = async <Answer>(...args: string[]): Promise<Answer> => JSON.parse(await python(oracle, args));
const available = await obtain(pythonWithPackages);
const folder = suiteFolder();

const wcs: Wcs = { crvalDeg: [53.25, -27.5], crpix: [512, 512], cd: [-4e-5, 3.8e-5, 3.8e-5, 4e-5] };
const [x, y] = [700.25, 41.75];
const { raDeg, decDeg } = pixelToSky(wcs, x, y);
const window = stampWindow(x, y, 41);
const plane = (value: number) => new Float32Array(window.side ** 2).fill(value);
const stamp = (value: number) =>
  packStamp({
    ...window,
    x,
    y,
    wcs,
    pixels: plane(value),
    variance: plane(2 * value),
    psf: { width: 25, height: 25, pixels: new Float64Array(625).fill(1 / 625) },
    rotPaDeg: 41.5831256817286,
  });

const alert = buildAlert({
  diaSource: someSource({ ra: raDeg, dec: decDeg, x, y, pixelFlags_edge: true, reliabilityVersion: null }),
  belongsTo: {
    diaObject: someObject({ nDiaSources: 3, ra: raDeg, dec: decDeg }),
    sources: [1n, 2n].map((id) => someSource({ diaSourceId: id, midpointMjdTai: 61000 + Number(id) })),
    forcedSources: [
      someForcedSource(),
      someForcedSource({ diaForcedSourceId: 2n ** 62n, midpointMjdTai: 61001 }),
    ],
  },
  stamps: { difference: stamp(1.5), science: stamp(100), template: null },
  observationReason: 'template_blob_ddf',
  targetName: '',
});

/** An alert as the oracle tells it: whole numbers as text, stamps apart. */
const told = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, item) => {
      if (key.startsWith('cutout')) return undefined;
      return typeof item === 'bigint' || Number.isInteger(item) ? String(item) : item;
    }),
  );

describe.skipIf(!available)('alerts and Rubin’s own reader', () => {
  it('our schema is the package’s: canonical form, defaults, logical types, fingerprint', async () => {
    const path = join(folder, 'schema.json');
    writeFileSync(path, JSON.stringify(alertAvroSchema('11.1')));
    expect(await ask('schema', path)).toEqual({
      canonical: true,
      defaultsAndLogicalTypes: true,
      fingerprint: 'a960816bc1c3d70c',
    });
  });

  it('our packet is read by lsst-alert-packet and fastavro, value by value, and written by them with the same bytes', async () => {
    const path = join(folder, 'ours.wire');
    writeFileSync(path, encodeAlert(alert));
    const [read] = await ask<ReadPacket[]>('read', path);
    expect(read.schemaId).toBe(1101);
    expect(read.sameBytes).toBe(true);
    expect(told(read.alert)).toEqual(told(alert));
    expect(read.alert.diaSourceId).toBe(String(someId));
  });

  it('our stamps are images with uncertainty, PSF and world coordinates to astropy', async () => {
    const path = join(folder, 'stamps.wire');
    writeFileSync(path, encodeAlert(alert));
    const [{ stamps }] = await ask<ReadPacket[]>('read', path);
    expect(stamps.cutoutTemplate).toBeNull();
    const difference = stamps.cutoutDifference!;
    expect(difference).toMatchObject({
      sha256: createHash('sha256').update(stamp(1.5)).digest('hex'),
      unit: 'nJy',
      shape: [41, 41],
      types: ['float32', 'float32', 'float64'],
      uncertainty: 'var',
      psf: [25, 25],
      frame: 'icrs',
    });
    expect(difference.sums[0]).toBe(1.5 * 41 * 41);
    expect(difference.sums[1]).toBe(3 * 41 * 41);
    expect(difference.sums[2]).toBeCloseTo(1, 12);
    expect(difference.source[0]).toBeCloseTo(raDeg, 9);
    expect(difference.source[1]).toBeCloseTo(decDeg, 9);
    const corner = pixelToSky(wcs, window.minX, window.minY);
    expect(difference.corner[0]).toBeCloseTo(corner.raDeg, 7);
    expect(difference.corner[1]).toBeCloseTo(corner.decDeg, 7);
  });

  const real = sharedData('alerts', 'lsst-v10.0-fink-enriched.avro');
  it.skipIf(!real)(
    'we read the package’s sample and real alerts, with histories of hundreds, and write the same bytes',
    async () => {
      const packets = join(folder, 'real');
      mkdirSync(packets);
      const written = await ask<{ path: string; diaSourceId: string }[]>('write', packets, real!);
      expect(written).toHaveLength(8);
      for (const { path, diaSourceId } of written) {
        const bytes = readFileSync(path);
        expect(String(readHeader(bytes).diaSourceId)).toBe(diaSourceId);
        const decoded = decodeAlert(bytes);
        expect(String(decoded.diaSourceId)).toBe(diaSourceId);
        expect(decoded.diaObject === null).not.toBe(decoded.ssSource === null);
        expect(bytes.equals(encodeAlert(decoded)), path).toBe(true);
      }
    },
  );
});
