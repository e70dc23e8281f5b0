/** The sources that a model is sure enough of. One that no model has judged passes, as it does in association. */
export const reliableSources = <T extends { readonly reliability: number | null }>(
  sources: readonly T[],
  leastReliability: number,
): T[] => sources.filter(({ reliability }) => reliability === null || reliability >= leastReliability);
