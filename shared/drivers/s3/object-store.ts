import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Fault } from 'openfaas-sdk-ts';
import type { ObjectFacts, ObjectStore } from '../../ports/object-store.ts';
import { effect } from '../effects.ts';
import { refusalOf } from '../fs/object-path.ts';
import type { S3Address } from './address.ts';
import { s3Fault, statusOf } from './faults.ts';

export interface S3ObjectStoreOptions extends S3Address {
  /** As it is in the store: `rubin-summit`, or `tenant:bucket` of Ceph; without a profile before it. */
  readonly bucket: string;
}

const CONNECT_MS = 1_000;
/** Questions with short answers, and the longest silence of the store in any request. */
const QUESTION_MS = 5_000;
/** A raw of 20 MB, with the SDK's two repetitions of what failed. */
const TRANSFER_MS = 30_000;

/** Object-store on S3, of Ceph's gateway or any other (path style, region us-east-1 where none is given). */
export function s3ObjectStore(options: S3ObjectStoreOptions): ObjectStore {
  const { bucket } = options;
  const client = connect(options);

  /** One request with its time limit, and its errors as faults; where the caller's signal ended it, its reason. */
  async function ask<T>(
    what: string,
    milliseconds: number,
    signal: AbortSignal | undefined,
    request: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const limits = [AbortSignal.timeout(milliseconds), ...(signal ? [signal] : [])];
    try {
      return await request({ abortSignal: AbortSignal.any(limits) });
    } catch (error) {
      signal?.throwIfAborted();
      throw s3Fault(error, what);
    }
  }

  return {
    bucket,

    async put(key, bytes, { ifAbsent = false, contentType, signal } = {}) {
      insistOnKey(key);
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentType: contentType,
        IfNoneMatch: ifAbsent ? '*' : undefined,
      });
      const stored = await ask(`Storing ${bucket}/${key}`, TRANSFER_MS, signal, async (limit) => {
        try {
          await client.send(command, limit);
          return true;
        } catch (error) {
          if (ifAbsent && statusOf(error) === 412) return false;
          throw error;
        }
      });
      if (stored) effect('object-store.put');
      return { stored };
    },

    async get(key, { signal } = {}) {
      insistOnKey(key);
      return ask(`Reading ${bucket}/${key}`, TRANSFER_MS, signal, async (limit) => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), limit);
          return Body ? await Body.transformToByteArray() : new Uint8Array();
        } catch (error) {
          if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
          throw error;
        }
      });
    },

    async head(key, { signal } = {}) {
      insistOnKey(key);
      return ask(`Looking at ${bucket}/${key}`, QUESTION_MS, signal, async (limit) => {
        try {
          const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), limit);
          return factsOf(key, { ...answer, Size: answer.ContentLength });
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      });
    },

    async *list(prefix, { after, signal } = {}) {
      let from: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          StartAfter: after,
          ContinuationToken: from,
          // Keys may hold characters that XML cannot.
          EncodingType: 'url',
        });
        const page = await ask(`Listing ${bucket}/${prefix}`, QUESTION_MS, signal, (limit) =>
          client.send(command, limit),
        );
        for (const entry of page.Contents ?? []) yield factsOf(decodeKey(entry.Key ?? ''), entry);
        from = page.NextContinuationToken;
      } while (from);
    },

    async delete(key) {
      insistOnKey(key);
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: key });
      await ask(`Deleting ${bucket}/${key}`, QUESTION_MS, undefined, (limit) => client.send(command, limit));
      effect('object-store.delete');
    },

    async close() {
      client.destroy();
    },
  };
}

function connect({ endpoint, accessKeyId, secretAccessKey, region = 'us-east-1' }: S3Address): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // The SDK's default checksums come as trailers, which older gateways store as part of the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: QUESTION_MS },
  });
}

/** The same keys are refused here as on files, though S3 itself would take some of them. */
function insistOnKey(key: string): void {
  const why = refusalOf(key);
  if (why) throw new Fault('NS_ITEM_REFUSED', `The object key ${JSON.stringify(key.slice(0, 200))} ${why}.`);
}

function factsOf(key: string, answer: { Size?: number; ETag?: string; LastModified?: Date }): ObjectFacts {
  return {
    key,
    size: answer.Size ?? 0,
    eTag: (answer.ETag ?? '').replaceAll('"', ''),
    modifiedMs: answer.LastModified?.getTime() ?? 0,
  };
}

/** URL encoding of a listing, in which a space may come as `+` (and a plus never does). */
const decodeKey = (encoded: string) => decodeURIComponent(encoded.replaceAll('+', '%20'));
