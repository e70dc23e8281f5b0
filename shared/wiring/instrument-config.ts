import { readFileSync } from 'node:fs';
import { Fault } from 'openfaas-sdk-ts';
import { parse } from 'yaml';
import { type ActiveDetectors, activeDetectors } from '../domain/ids/instrument-config.ts';

/** Active detectors of INSTRUMENT_CONFIG_FILE. @throws Fault NS_CONFIGURATION with what is wrong in the file. */
export function readInstrumentConfig(path: string): ActiveDetectors {
  try {
    return activeDetectors(parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('NS_CONFIGURATION', `INSTRUMENT_CONFIG_FILE ${path} cannot be used: ${reason}`, {
      cause,
    });
  }
}
