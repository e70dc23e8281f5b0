/** Stream and consumer group of an instrument's work, as next_visit_fan_out and prompt_processing name them. */
export function workStreamName(instrument: string): { stream: string; group: string } {
  const lower = instrument.toLowerCase();
  return { stream: `instrument:${lower}`, group: `${lower}_consumer_group` };
}
