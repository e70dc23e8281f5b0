import { Fault, type FaultCode, faults } from 'openfaas-sdk-ts';

/** HTTP status of the store's answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
  return httpStatusCode;
}

/** What S3 answered, or the way to it, as a fault: of the object, or of the dependency `s3`. `what` begins the sentence. */
export function s3Fault(error: unknown, what: string): Fault {
  const name = error instanceof Error ? error.name : '';
  const why = error instanceof Error ? `${name}: ${error.message}` : String(error);
  const [code, sentence] = explain(name, statusOf(error));
  const dependency = faults[code].blame === 'dependency' ? 's3' : undefined;
  return new Fault(code, `${what}: ${sentence} (${why}).`, { cause: error, dependency });
}

/** Error codes: Amazon S3 API reference, "Error responses"; QuotaExceeded is Ceph's. */
function explain(name: string, status: number | undefined): [FaultCode, string] {
  if (name === 'QuotaExceeded' || status === 507) {
    return ['NS_STORAGE_FULL', 'the quota or the disks behind the store are full'];
  }
  if (status === 401 || status === 403) {
    return ['NS_DEPENDENCY_REFUSED', 'the store refuses these credentials'];
  }
  if (name === 'NoSuchBucket') return ['NS_DEPENDENCY_UNAVAILABLE', 'there is no such bucket; make it'];
  if (name === 'EntityTooLarge') return ['NS_RECORD_TOO_LARGE', 'the store takes no object of this size'];
  if (status !== undefined && status < 500 && status !== 408 && status !== 409 && status !== 429) {
    return ['NS_UNEXPECTED', 'the store refuses the request'];
  }
  return ['NS_DEPENDENCY_UNAVAILABLE', 'the store did not answer, or not in time'];
}
