import { type ElementSource, longestElementText } from '../../ports/element-source.ts';
import { download, refused } from './download.ts';

export interface HttpElementSourceOptions {
  readonly name: string;
  readonly url: string;
  /** Of one download, all in all. */
  readonly timeoutMs: number;
  /** A private source's redirections are not followed. */
  readonly private: boolean;
}

/** A plain URL, as CelesTrak has them; conditional by ETag, else by Last-Modified. */
export function httpElementSource({
  name,
  url,
  timeoutMs,
  private: isPrivate,
}: HttpElementSourceOptions): ElementSource {
  return {
    async fetch({ validator, signal, onBytes }) {
      const headers = validator === undefined ? {} : conditionOf(validator);
      const answer = await download(name, url, {
        headers,
        redirects: !isPrivate,
        timeoutMs,
        longest: longestElementText,
        signal,
        onBytes,
      });
      if (answer.status === 304 && validator !== undefined) return { kind: 'unchanged' };
      if (answer.status !== 200) throw refused(name, url, answer.status, 'when it is asked for element sets');
      return { kind: 'new', bytes: answer.bytes, validator: validatorOf(answer.headers) };
    },
    async close() {},
  };
}

const validatorOf = (headers: Headers): string | undefined => {
  const tag = headers.get('etag');
  const modified = headers.get('last-modified');
  return tag !== null ? `etag ${tag}` : modified !== null ? `modified ${modified}` : undefined;
};

function conditionOf(validator: string): Record<string, string> {
  const [kind, ...rest] = validator.split(' ');
  return { [kind === 'etag' ? 'if-none-match' : 'if-modified-since']: rest.join(' ') };
}
