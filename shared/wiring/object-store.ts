import { type Environment, Fault, type Variable, type Wiring } from 'openfaas-sdk-ts';
import type { S3Address } from '../drivers/s3/address.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { requireVariable, wire } from './wire.ts';

/** `raw`: what the telescope writes. `products`: what is ours. `archive`: alerts and schemas, for everybody. */
export const objectStore = (role: 'raw' | 'products' | 'archive'): Wiring<ObjectStore> => roles[role];

export const s3Variables = {
  S3_ENDPOINT_URL: { meaning: 'Address of the object store, http(s)://host:port.' },
  AWS_ACCESS_KEY_ID: { meaning: 'Access key at S3_ENDPOINT_URL.', secret: true },
  AWS_SECRET_ACCESS_KEY: { meaning: 'Its secret.', secret: true },
  AWS_REGION: {
    meaning: 'Region that requests are signed for; Ceph refuses them without one.',
    default: 'us-east-1',
  },
  'LSST_RESOURCES_S3_PROFILE_<name>': {
    meaning: 'Address and keys for a bucket written name@bucket: https://ACCESS:SECRET@host.',
    secret: true,
  },
} as const satisfies Record<string, Variable>;

interface Bucket {
  /** Variables that name the bucket, the first that is set; none where its name is fixed. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Name of the embedded one, or the fixed one. */
  readonly embedded: string;
  readonly createdEvents: boolean;
}

const profileVariable = (profile: string) => `LSST_RESOURCES_S3_PROFILE_${profile}`;

function storeIn(role: string, bucket: Bucket): Wiring<ObjectStore> {
  const nameIn = (environment: Environment) =>
    Object.keys(bucket.variables)
      .map(environment)
      .find((name) => name !== undefined);
  return wire({
    port: 'object-store',
    role,
    variables: { ...s3Variables, ...bucket.variables },
    addressIn(environment) {
      const { profile } = parseBucket(nameIn(environment) ?? bucket.embedded);
      if (profile !== undefined && environment(profileVariable(profile))) return profileVariable(profile);
      return environment('S3_ENDPOINT_URL') ? 'S3_ENDPOINT_URL' : undefined;
    },
    real: {
      driver: 's3',
      async open({ environment }) {
        const [variable] = Object.keys(bucket.variables);
        const given =
          nameIn(environment) ?? (variable ? bucket.variables[variable].default : bucket.embedded);
        if (given === undefined)
          throw new Fault('NS_CONFIGURATION', `${variable} is missing: the ${role} bucket.`);
        const { profile, name } = parseBucket(given);
        const { s3ObjectStore } = await import('../drivers/s3/object-store.ts');
        return s3ObjectStore({ ...(await addressOf(environment, profile)), bucket: name });
      },
    },
    embedded: {
      driver: 'files',
      async open(options, { environment }) {
        const { fileObjectStore } = await import('../drivers/fs/object-store.ts');
        const { name } = parseBucket(nameIn(environment) ?? bucket.embedded);
        return fileObjectStore({ ...options, bucket: name, createdEvents: bucket.createdEvents });
      },
    },
  });
}

/** `profile@bucket`, or `bucket` alone. */
function parseBucket(text: string): { profile?: string; name: string } {
  const at = text.indexOf('@');
  return at < 0 ? { name: text } : { profile: text.slice(0, at), name: text.slice(at + 1) };
}

async function addressOf(environment: Environment, profile: string | undefined): Promise<S3Address> {
  const url = profile === undefined ? undefined : environment(profileVariable(profile));
  if (profile !== undefined && url !== undefined) {
    const { parseS3Profile } = await import('../drivers/s3/address.ts');
    return parseS3Profile(profile, url);
  }
  return {
    endpoint: requireVariable(environment, 'S3_ENDPOINT_URL'),
    accessKeyId: requireVariable(environment, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: requireVariable(environment, 'AWS_SECRET_ACCESS_KEY'),
    region: environment('AWS_REGION'),
  };
}

/** A bucket that a configuration file names, [profile@]bucket. */
export const bucketNamed = (name: string): Wiring<ObjectStore> =>
  storeIn(name, { variables: {}, embedded: name, createdEvents: false });

const roles = {
  raw: storeIn('raw', {
    variables: {
      IMAGE_BUCKET: { meaning: 'Bucket of the raw images, [profile@]bucket.' },
      BUCKET: { meaning: 'The same, as ingest-batch knows it.' },
    },
    embedded: 'raw',
    createdEvents: true,
  }),
  products: storeIn('products', {
    variables: {
      PRODUCTS_BUCKET: {
        meaning: 'Bucket of bundles, difference images, calibrations and templates.',
        default: 'products',
      },
    },
    embedded: 'products',
    createdEvents: false,
  }),
  archive: storeIn('archive', {
    variables: { ARCHIVE_BUCKET: { meaning: 'Bucket of archived alerts and schemas.', default: 'archive' } },
    embedded: 'archive',
    createdEvents: false,
  }),
};
