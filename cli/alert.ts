import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Command } from 'commander';
import { alertKey } from '#shared/domain/alert/archive-key.ts';
import { type Alert, decodeAlert } from '#shared/domain/alert/packet.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { defaultData, withPort } from './open-port.ts';

const decompress = promisify(gunzip);

export const alertCommand = (): Command =>
  new Command('alert').description('Looks at single alerts.').addCommand(
    new Command('show')
      .description('Prints an archived alert: its fields, its history and its stamps.')
      .argument('<id>', 'diaSourceId')
      .option('--data <folder>', 'data folder of the night', defaultData)
      .addHelpText('after', '\nExample:\n  nightshift alert show 169760235333878021')
      .action((id: string, { data }: { data: string }) => show(id, data)),
  );

async function show(text: string, data: string): Promise<void> {
  if (!/^[1-9]\d{0,18}$/.test(text))
    throw new Error(`'${text}' is no alert id, which is a number of up to 19 digits.`);
  const stored = await withPort(objectStore('archive'), data, (archive) =>
    archive.get(alertKey(BigInt(text))),
  );
  if (!stored)
    throw new Error(`The archive has no alert ${text}; 'nightshift consume' lists what was published.`);
  print(decodeAlert(await decompress(stored)));
}

function print(alert: Alert): void {
  const { diaSource, diaObject, prvDiaSources, prvDiaForcedSources } = alert;
  console.log(`alert ${alert.diaSourceId}${diaObject ? `, object ${diaObject.diaObjectId}` : ''}\n`);
  for (const [field, value] of Object.entries(diaSource)) {
    if (value !== null && value !== false) console.log(`  ${field.padEnd(28)} ${value}`);
  }
  console.log('\nhistory            MJD TAI         band  difference flux, nJy');
  const history = [
    ...(prvDiaSources ?? []).map((row) => ({ ...row, what: 'detected' })),
    ...(prvDiaForcedSources ?? []).map((row) => ({ ...row, what: 'forced' })),
    { ...diaSource, what: 'this alert' },
  ].sort((a, b) => a.midpointMjdTai - b.midpointMjdTai);
  for (const { what, midpointMjdTai, band, psfFlux, psfFluxErr } of history) {
    const flux = `${psfFlux?.toFixed(0) ?? '-'} ± ${psfFluxErr?.toFixed(0) ?? '-'}`;
    console.log(`  ${what.padEnd(16)} ${midpointMjdTai.toFixed(8)}  ${(band ?? '-').padEnd(4)}  ${flux}`);
  }
  console.log('\nstamps (FITS)');
  for (const kind of ['Difference', 'Science', 'Template'] as const) {
    const stamp = alert[`cutout${kind}`];
    console.log(`  ${kind.toLowerCase().padEnd(16)} ${stamp ? `${stamp.length} bytes` : 'none'}`);
  }
}
