/** A token bucket: `burst` requests at once, then so many a second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Takes a token at a time in ms; answers 0, or the seconds until there is one again. */
export function tokenBucket({ burst, perSecond }: Rate): (nowMs: number) => number {
  let [tokens, lastMs] = [burst, Number.NEGATIVE_INFINITY];
  return (nowMs) => {
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - lastMs) / 1000) * perSecond);
    lastMs = nowMs;
    if (tokens < 1) return (1 - tokens) / perSecond;
    tokens -= 1;
    return 0;
  };
}
