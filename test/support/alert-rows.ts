import {
  type DiaForcedSource,
  type DiaObject,
  type DiaSource,
  newDiaForcedSource,
  newDiaObject,
  newDiaSource,
} from '#shared/domain/alert/row.ts';

/** A valid id above 2^53: 2025-12-19, sequence 283, detector 130, release 1, counter 261. */
export const someId = 169760235333878021n;

export const someSource = (given: Partial<DiaSource> = {}): DiaSource =>
  newDiaSource({
    diaSourceId: someId,
    visit: 2025121900283n,
    detector: 130,
    diaObjectId: someId,
    midpointMjdTai: 61028.25,
    exposureTime: 30,
    ra: 53.25,
    raErr: 1e-5,
    dec: -27.5,
    decErr: 1e-5,
    x: 512.5,
    y: 1024.25,
    snr: 12.5,
    psfFlux: 1500,
    psfFluxErr: 120,
    psfNdata: 1681,
    trailNdata: 0,
    dipoleNdata: 0,
    scienceFlux: 2500,
    scienceFluxErr: 125,
    isNegative: false,
    band: 'r',
    timeProcessedMjdTai: 61028.251,
    bboxSize: 28,
    ...given,
  });

export const someForcedSource = (given: Partial<DiaForcedSource> = {}): DiaForcedSource =>
  newDiaForcedSource({
    diaForcedSourceId: someId + 1000n,
    diaObjectId: someId,
    ra: 53.25,
    dec: -27.5,
    visit: 2025121900283n,
    detector: 130,
    psfFlux: 1490,
    psfFluxErr: 121,
    midpointMjdTai: 61028.25,
    scienceFlux: 2490,
    scienceFluxErr: 126,
    band: 'r',
    timeProcessedMjdTai: 61028.251,
    ...given,
  });

export const someObject = (given: Partial<DiaObject> = {}): DiaObject =>
  newDiaObject({
    diaObjectId: someId,
    validityStartMjdTai: 61028.251,
    ra: 53.25,
    dec: -27.5,
    u_psfFluxNdata: 0,
    g_psfFluxNdata: 0,
    r_psfFluxNdata: 1,
    i_psfFluxNdata: 0,
    z_psfFluxNdata: 0,
    y_psfFluxNdata: 0,
    firstDiaSourceMjdTai: 61028.25,
    lastDiaSourceMjdTai: 61028.25,
    nDiaSources: 1,
    ...given,
  });
