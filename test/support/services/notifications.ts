import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { startNotifyServer } from '../notify-server.ts';
import type { CephService } from './ceph.ts';

/** A bucket of RGW whose created events are POSTed to a server of ours, as a site's are to enqueue. */
export interface NotifyingBucket {
  readonly bucket: string;
  /** Bodies as they came. */
  readonly posted: readonly unknown[];
  close(): Promise<void>;
}

/** `opaqueData` is what the topic puts into each record (enqueue's NOTIFICATION_SECRET). */
export async function notifyingBucket(
  { endpoint, accessKeyId, secretAccessKey }: CephService,
  opaqueData: string,
): Promise<NotifyingBucket> {
  const server = await startNotifyServer();
  const credentials = { accessKeyId, secretAccessKey };
  const options = { endpoint, credentials, region: 'us-east-1', forcePathStyle: true };
  const [s3, sns] = [new S3Client(options), new SNSClient(options)];
  const bucket = `test-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const { TopicArn } = await sns.send(
    new CreateTopicCommand({
      Name: `topic-${randomUUID()}`,
      Attributes: {
        'push-endpoint': server.url,
        OpaqueData: opaqueData,
        persistent: 'true',
      },
    }),
  );
  const topic = { Id: 'created', TopicArn, Events: ['s3:ObjectCreated:*' as const] };
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { TopicConfigurations: [topic] },
    }),
  );
  return {
    bucket,
    posted: server.posted,
    async close() {
      s3.destroy();
      sns.destroy();
      await server.close();
    },
  };
}
