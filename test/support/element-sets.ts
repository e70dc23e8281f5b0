/** Satellites of a test, as a source would give them in OMM; each differs from the others in its elements too. */
export function elementSets(first: number, count: number, epochUtc: string) {
  return Array.from({ length: count }, (_, index) => ({
    OBJECT_NAME: `TESTSAT ${first + index}`,
    NORAD_CAT_ID: first + index,
    EPOCH: epochUtc.replace(/Z$/, ''),
    MEAN_MOTION: 14.25 + (index % 997) / 1e4,
    ECCENTRICITY: 0.0012345 + index / 1e8,
    INCLINATION: 51.4321 + (index % 89) / 10,
    RA_OF_ASC_NODE: (137.7531 + index) % 360,
    ARG_OF_PERICENTER: 87.6543,
    MEAN_ANOMALY: (271.8281 + 3 * index) % 360,
    BSTAR: 0.00012345,
  }));
}

export type ElementSetOfTest = ReturnType<typeof elementSets>[number];
