/**
 * Active detectors by instrument, ascending. A name may also be one of a test's short list, such as
 * `LSSTCam-TEST-2026010100039`.
 */
export type ActiveDetectors = ReadonlyMap<string, readonly number[]>;

/**
 * Reads the parsed YAML of next_visit_fan_out's INSTRUMENT_CONFIG_FILE, of which only `detectors` counts here:
 * instrument -> detector number -> whether it is processed (its `knative-urls` and `redis-streams` name where the
 * original sends to). Throws an Error that says which entry is wrong.
 */
export function activeDetectors(document: unknown): ActiveDetectors {
  const byInstrument = entriesOf(isRecord(document) ? document.detectors : undefined, 'detectors');
  return new Map(
    byInstrument.map(([instrument, detectors]) => {
      const active = entriesOf(detectors, `detectors.${instrument}`).flatMap(([number, isActive]) => {
        if (!/^(0|[1-9]\d*)$/.test(number) || typeof isActive !== 'boolean') {
          throw new Error(
            `The instrument file has "${number}: ${isActive}" for ${instrument}; it must be a detector's number and true or false.`,
          );
        }
        return isActive ? [Number(number)] : [];
      });
      return [instrument, active.sort((a, b) => a - b)];
    }),
  );
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (isRecord(value)) return Object.entries(value);
  throw new Error(`The instrument file has no map "${where}".`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
