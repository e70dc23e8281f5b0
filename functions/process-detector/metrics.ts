import { Counter, type Registry, Summary } from 'prom-client';

export interface DetectorMetrics {
  /** Where a night's time goes. */
  readonly stages: Summary<'stage'>;
  /** By GateFailure. */
  readonly gateFailures: Counter<'reason'>;
}

const known = new WeakMap<Registry, DetectorMetrics>();

/** The function's own series in a launch's registry, made when they are first needed. */
export function metricsOf(registry: Registry): DetectorMetrics {
  const made = known.get(registry) ?? makeMetrics([registry]);
  known.set(registry, made);
  return made;
}

const makeMetrics = (registers: Registry[]): DetectorMetrics => ({
  stages: new Summary({
    registers,
    name: 'nightshift_pixel_stage_seconds',
    help: 'Seconds of the pixel chain by stage, one detector each.',
    labelNames: ['stage'],
  }),
  gateFailures: new Counter({
    registers,
    name: 'nightshift_gate_client_failures_total',
    help: 'Answers of the satellite gate that could not be used, and those that did not come.',
    labelNames: ['reason'],
  }),
});
