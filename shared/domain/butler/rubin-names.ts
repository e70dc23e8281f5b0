import type { Instrument } from '../ids/instruments.ts';
import type { RawType } from './raw-record.ts';

/** Names of Rubin's Python classes that read what a repository holds. SimCam's raws have LSSTCam's form. */
interface RubinNames {
  readonly instrumentClass: string;
  readonly rawFormatter: string;
}

const lsst = (camera: string): RubinNames => ({
  instrumentClass: `lsst.obs.lsst.${camera}`,
  rawFormatter: `lsst.obs.lsst.rawFormatter.${camera}RawFormatter`,
});

const names: Readonly<Record<string, RubinNames>> = {
  LSSTCam: lsst('LsstCam'),
  LSSTComCam: lsst('LsstComCam'),
  LATISS: lsst('Latiss'),
  SimCam: lsst('LsstCam'),
  DECam: {
    instrumentClass: 'lsst.obs.decam.DarkEnergyCamera',
    rawFormatter: 'lsst.obs.decam.rawFormatter.DarkEnergyCameraRawFormatter',
  },
};

export const instrumentClass = ({ name }: Instrument): string => names[name].instrumentClass;

export const rawFormatter = ({ name }: Instrument, type: RawType): string =>
  type === 'raw' ? names[name].rawFormatter : 'lsst.obs.base.formatters.fitsGeneric.FitsGenericFormatter';
