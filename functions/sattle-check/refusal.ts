/** Why a request is not answered, as the metric counts it. */
export type RefusalReason =
  | 'no_catalogue'
  | 'stale_catalogue'
  | 'broken_catalogue'
  | 'bad_request'
  | 'unknown_visit'
  | 'rate_limited'
  | 'too_large'
  | 'slow_body'
  | 'unavailable'
  | 'failed';

/** A Refusal's content, as it crosses threads. */
export interface Refused {
  readonly status: 400 | 404 | 408 | 413 | 429 | 500 | 503;
  readonly reason: RefusalReason;
  /** A sentence for the asker and the log: no id, position or element of what was sent or is known. */
  readonly text: string;
}

/** A request that cannot be answered, with the status and, where it has one, the text of the original. */
export class Refusal extends Error implements Refused {
  readonly status: Refused['status'];
  readonly reason: RefusalReason;

  constructor(status: Refused['status'], reason: RefusalReason, text: string, cause?: unknown) {
    super(text, { cause });
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
  }

  get text(): string {
    return this.message;
  }
}

export const badRequest = (text: string): Refusal => new Refusal(400, 'bad_request', text);

/** There is a catalogue, but it cannot be judged by, which holds the askers' work. */
export const brokenCatalogue = (text: string, cause?: unknown): Refusal =>
  new Refusal(503, 'broken_catalogue', `Nothing can be allowed. ${text}`, cause);
