import { join } from 'node:path';
import { runCommand, temporaryFolder } from './night.ts';
import { python } from './python.ts';

/** What test/interop/recount.py prints of a night. */
export interface Recount {
  readonly alerts: number;
  readonly archived: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly differing: number;
  readonly bothOwners: number;
  readonly detectorVisits: number;
  readonly fewestInjected: number;
  readonly injected: number;
  readonly recovered: number;
  readonly falseAlerts: number;
  readonly trueAlerts: number;
  readonly satellitesPublished: number;
  readonly uncataloguedTrailsPublished: number;
  readonly stampsOpened: number;
  readonly wrongBandOrTime: readonly unknown[];
  readonly bright: {
    readonly count: number;
    readonly fluxRatioMedian: number;
    readonly pullStd: number;
    readonly meanRaArcsec: number;
    readonly meanDecArcsec: number;
  };
}

/** Counts a night of the embedded world anew, by a Python program that shares nothing with ours. */
export async function recount(data: string, detector: { width: number; height: number }): Promise<Recount> {
  using packets = temporaryFolder();
  const { code, stderr } = await runCommand(['consume', '--data', data, '--out', packets.path]);
  if (code !== 0) throw new Error(`consume ended with ${code}: ${stderr}`);
  const script = join(import.meta.dirname, '../interop/recount.py');
  const archive = join(data, 'objects', 'archive');
  const places = [join(data, 'truth'), packets.path, archive, join(data, 'apdb.sqlite')];
  return JSON.parse(await python(script, [...places, String(detector.width), String(detector.height)]));
}
