import { Counter, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { followGateCounts, quantile } from '../../../cli/console/gate-counts.ts';

/** The gate's metrics, as sattle-check names them. */
function gateMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    crossing: new Histogram({
      name: 'nightshift_gate_crossing_satellites',
      help: 'x',
      buckets: [0, 1, 5],
      registers,
    }),
    refusals: new Counter({
      name: 'nightshift_gate_refusals_total',
      help: 'x',
      labelNames: ['reason'],
      registers,
    }),
    sources: new Counter({
      name: 'nightshift_gate_sources_total',
      help: 'x',
      labelNames: ['answer'],
      registers,
    }),
    seconds: new Histogram({
      name: 'nightshift_gate_answer_seconds',
      help: 'x',
      labelNames: ['route'],
      buckets: [0.1, 1],
      registers,
    }),
  };
}

describe('counts of the gate', () => {
  it('keep the satellites of each visit in order, and their mean where several came at once', async () => {
    const { registry, crossing } = gateMetrics();
    const counts = followGateCounts(registry);
    expect((await counts()).crossing).toEqual([]);
    for (const satellites of [3, 0, 7]) {
      crossing.observe(satellites);
      expect((await counts()).crossing.at(-1)).toBe(satellites);
    }
    crossing.observe(1);
    crossing.observe(4);
    expect((await counts()).crossing).toEqual([3, 0, 7, 2.5, 2.5]);
  });

  it('are followed while nobody looks', async () => {
    const { registry, crossing } = gateMetrics();
    const counts = followGateCounts(registry);
    crossing.observe(6);
    await new Promise((resolve) => setTimeout(resolve, 700));
    crossing.observe(2);
    expect((await counts()).crossing).toEqual([6, 2]);
  });

  it('say which refusals are of the last minute, and whether anything was answered since', async () => {
    const { registry, refusals, sources } = gateMetrics();
    const counts = followGateCounts(registry);
    // A counter may begin with 0, which is no refusal.
    refusals.inc({ reason: 'no_catalogue' }, 0);
    refusals.inc({ reason: 'stale_catalogue' }, 3);
    const expected = { reason: 'stale_catalogue', count: 3, lately: true };
    expect((await counts()).refusals).toEqual([{ ...expected, lasting: true }]);
    sources.inc({ answer: 'removed' }, 1);
    expect((await counts()).refusals).toEqual([{ ...expected, lasting: false }]);
    refusals.inc({ reason: 'stale_catalogue' });
    expect((await counts()).refusals).toEqual([{ ...expected, count: 4, lasting: true }]);
  });

  it('are nothing of a function that has counted nothing', async () => {
    expect(await followGateCounts(new Registry())()).toEqual({
      allowed: 0,
      removed: 0,
      refusals: [],
      latencies: [],
      crossing: [],
    });
  });

  it('have latencies by route', async () => {
    const { registry, seconds } = gateMetrics();
    for (let n = 0; n < 99; n++) seconds.observe({ route: '/a' }, 0.05);
    seconds.observe({ route: '/a' }, 0.5);
    seconds.observe({ route: '/b' }, 60);
    expect((await followGateCounts(registry)()).latencies).toEqual([
      {
        route: '/a',
        answers: 100,
        p50Seconds: expect.closeTo(0.0505, 4),
        p99Seconds: expect.closeTo(0.1, 6),
      },
      { route: '/b', answers: 1, p50Seconds: 1, p99Seconds: 1 },
    ]);
  });
});

describe('a quantile of a histogram', () => {
  // What `histogram_quantile` of Prometheus 2.42 answers for these buckets (promtool test rules).
  const buckets = [
    { upTo: 1, count: 10 },
    { upTo: 2, count: 10 },
    { upTo: 5, count: 40 },
    { upTo: Number.POSITIVE_INFINITY, count: 50 },
  ];
  it.each([
    [0.1, 0.5],
    [0.2, 1],
    [0.5, 3.5],
    [0.8, 5],
    [0.99, 5],
  ])('%f is %f', (share, expected) => {
    expect(quantile(buckets, share)).toBeCloseTo(expected, 9);
  });

  it('is 0 where nothing was counted', () => {
    expect(quantile([], 0.5)).toBe(0);
  });
});
