import type { AnyFunction } from 'openfaas-sdk-ts';
import { limitOf } from 'openfaas-sdk-ts/declared.ts';
import type { TriggerKind } from 'openfaas-sdk-ts/settings.ts';

/** Seconds that Kubernetes leaves a pod of OpenFaaS CE between SIGTERM and SIGKILL. */
export const graceSeconds = 30;

/** After SIGTERM a launch without units still takes requests for so long, until every caller has another replica. */
const httpOnlySeconds = 5;

/** A launch without routes of its own answers probes only. */
const probeSeconds = 1;

const defaultRequestSeconds = 10;

/** of-watchdog's time settings for a launch, whole seconds with unit, as they stand in stack.yml. */
export type WatchdogSettings = Readonly<
  Record<'exec_timeout' | 'read_timeout' | 'write_timeout' | 'healthcheck_interval', string>
>;

/**
 * From the declaration: healthcheck_interval, all that a unit in hand has after SIGTERM, is its limit and 2 s to give up
 * and to commit; exec_timeout is the limit of a request, and write_timeout one second more, so that a late one is a 504.
 */
export function watchdogSettings(spec: AnyFunction, triggers: ReadonlySet<TriggerKind>): WatchdogSettings {
  const unit = limitOf(spec, triggers);
  const request = triggers.has('http') ? (spec.httpLimitSeconds ?? defaultRequestSeconds) : probeSeconds;
  return {
    exec_timeout: `${request}s`,
    read_timeout: `${request + 1}s`,
    write_timeout: `${request + 1}s`,
    healthcheck_interval: `${unit > 0 ? unit + 2 : httpOnlySeconds}s`,
  };
}
