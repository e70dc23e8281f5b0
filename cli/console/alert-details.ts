import type { Alert } from '#shared/domain/alert/packet.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { wcsFromHeader } from '#shared/domain/sky/wcs.ts';
import type { AlertRow, StampFacts } from './answers.ts';

/** What an alert's page shows, whose 64-bit integers `jsonText` writes as text ({@link AlertDetails} in JSON). */
export const alertDetails = (alert: Alert, archived: boolean, newest: readonly AlertRow[]) => ({
  id: alert.diaSourceId,
  archived,
  diaSource: alert.diaSource,
  diaObject: alert.diaObject,
  prvDiaSources: alert.prvDiaSources ?? [],
  prvDiaForcedSources: alert.prvDiaForcedSources ?? [],
  later: laterOf(alert, newest),
  stamps: alert.cutoutDifference ? stampFacts(alert.cutoutDifference) : undefined,
});

function laterOf({ diaObject, diaSource }: Alert, newest: readonly AlertRow[]): AlertRow[] {
  const object = diaObject?.diaObjectId.toString();
  return newest.filter(
    (row) => object !== undefined && row.object === object && row.midpointMjdTai > diaSource.midpointMjdTai,
  );
}

/** How a stamp lies on the sky, from its own world coordinates. */
export function stampFacts(stamp: Uint8Array): StampFacts | undefined {
  const [{ header, image }] = readFits(stamp);
  if (!image) return undefined;
  // Degrees east and north a pixel; its inverse leads from the sky to pixels.
  const [eastX, eastY, northX, northY] = wcsFromHeader(header).cd;
  const determinant = eastX * northY - eastY * northX;
  const unit = (x: number, y: number): [number, number] => {
    const length = Math.hypot(x, y) * Math.sign(determinant);
    return [x / length, y / length];
  };
  return {
    side: image.width,
    widthArcsec: image.width * Math.sqrt(Math.abs(determinant)) * 3600,
    east: unit(northY, -northX),
    north: unit(-eastY, eastX),
  };
}
