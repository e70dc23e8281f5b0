/**
 * What is committed beside the unchanged offset before records are tried: Kafka itself has no delivery count. `offset`
 * is that of the record in hand, the first of a batch; found again, somebody died with it.
 */
export interface AttemptMark {
  readonly attempt: number;
  readonly offset: bigint;
}

export function writeMark({ attempt, offset }: AttemptMark): string {
  return JSON.stringify({ attempt, offset: offset.toString() });
}

/** The mark of a commit's metadata; other metadata (another client's) is none. */
export function readMark(metadata: string): AttemptMark | undefined {
  const found = /^\{"attempt":(\d+),"offset":"(\d+)"\}$/.exec(metadata);
  return found ? { attempt: Number(found[1]), offset: BigInt(found[2]) } : undefined;
}
