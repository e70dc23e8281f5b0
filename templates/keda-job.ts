import type { AnyFunction } from 'openfaas-sdk-ts';
import { configOf, type Manifest, namespace, streamTrigger } from './keda-trigger.ts';
import type { StackFunction } from './stack.ts';

/** Most workers at once: more than the 189 science detectors of LSSTCam, so that a visit never waits for the one before. */
const maxReplicaCount = 400;

/** A worker that has found nothing for this long ends; a visit comes every 40 s, so a busy night starts none anew. */
const idleExitSeconds = 120;

/** What a job has beyond its unit's limit to give up, commit and close. */
const graceBeyondLimit = 5;

const port = 8080;

/**
 * The ScaledJob of a function with a stream: a worker for each entry that nobody has read, which works off what it finds
 * and ends when idle. KEDA never stops one at work.
 */
export function scaledJob(spec: AnyFunction, deployed: StackFunction): Manifest {
  if (!spec.stream) throw new Error(`${spec.name} has no stream to scale by.`);
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    metadata: { name: spec.name, namespace },
    spec: {
      pollingInterval: 2,
      minReplicaCount: 0,
      maxReplicaCount,
      successfulJobsHistoryLimit: 5,
      failedJobsHistoryLimit: 20,
      // The default deletes running jobs at every change of this file.
      rollout: { strategy: 'gradual' },
      // A job counts as pending until it says ready, and only then its entry leaves the lag.
      scalingStrategy: { strategy: 'accurate', pendingPodConditions: ['Ready'] },
      jobTargetRef: {
        backoffLimit: 0,
        template: { spec: podSpec(spec, deployed, spec.stream.limitSeconds) },
      },
      triggers: [streamTrigger(spec.stream, configOf(spec, deployed))],
    },
  };
}

/** Settings of of-watchdog, which a job does without. */
const watchdogOnly = new Set([
  'TRIGGERS',
  'exec_timeout',
  'read_timeout',
  'write_timeout',
  'healthcheck_interval',
]);

function podSpec(
  spec: AnyFunction,
  { image, environment, secrets = [], limits, requests }: StackFunction,
  limit: number,
) {
  const launch = {
    LAUNCH: 'bare',
    TRIGGERS: 'stream',
    PORT: String(port),
    IDLE_EXIT_SECONDS: String(idleExitSeconds),
  };
  const given = Object.entries(environment).filter(([name]) => !watchdogOnly.has(name));
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: limit + graceBeyondLimit,
    containers: [
      {
        name: spec.name,
        image,
        command: ['node', 'index.js'],
        env: [...Object.entries(launch), ...given].map(([name, value]) => ({ name, value })),
        ports: [{ containerPort: port }],
        readinessProbe: { httpGet: { path: '/_/ready', port }, periodSeconds: 1 },
        resources: { limits, requests },
        securityContext: {
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
        },
        volumeMounts: [
          { name: 'secrets', mountPath: '/var/openfaas/secrets', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'secrets', projected: { sources: secrets.map((name) => ({ secret: { name } })) } },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}
