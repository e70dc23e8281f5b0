import { Fault } from 'openfaas-sdk-ts';

/** Where a store is, and as whom. */
export interface S3Address {
  /** `http(s)://host:port` (S3_ENDPOINT_URL). */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string;
}

/**
 * The address in LSST_RESOURCES_S3_PROFILE_{name}, `https://ACCESS:SECRET@host` (lsst.resources), by which
 * `name@bucket` is reached. The keys may be percent-encoded.
 */
export function parseS3Profile(name: string, url: string): S3Address {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !parsed.username || !parsed.password) {
    throw new Fault(
      'NS_CONFIGURATION',
      `LSST_RESOURCES_S3_PROFILE_${name} is not of the form https://ACCESS:SECRET@host.`,
    );
  }
  return {
    endpoint: `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/$/, '')}`,
    accessKeyId: decodeURIComponent(parsed.username),
    secretAccessKey: decodeURIComponent(parsed.password),
  };
}
