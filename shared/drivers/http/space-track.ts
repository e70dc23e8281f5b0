import { Fault } from 'openfaas-sdk-ts';
import { isoUtc, type MjdUtc, mjdUtc } from '../../domain/time/scales.ts';
import { type ElementSource, longestElementText } from '../../ports/element-source.ts';
import { download, refused } from './download.ts';

export interface SpaceTrackOptions {
  readonly name: string;
  /** Without a final slash. */
  readonly url: string;
  readonly credentials: () => { user: string; password: string };
  /** Of the query; login and logout have 10 s each. */
  readonly timeoutMs: number;
}

/** Login, query, logout. */
export const spaceTrackRequests = 3;

/** What space-track.org asks of its users (documentation, "API Use Guidelines"); GP beside that once an hour. */
export const spaceTrackLimits = [
  { requests: 30, seconds: 60 },
  { requests: 300, seconds: 3600 },
] as const;

const sessionMs = 10_000;
const shortAnswer = 64 * 1024;
/** Of the original (sattle): a past date's element sets are those within 9.2 h of it. */
const historyDays = 0.3833;

/** Space-Track's API: a session by login, one query for the whole catalogue, logout. It has no conditional answers. */
export function spaceTrackElementSource(options: SpaceTrackOptions): ElementSource {
  const { name, url, timeoutMs } = options;
  return {
    async fetch({ near, signal, onBytes }) {
      const cookie = await logIn(options, signal);
      try {
        const answer = await download(
          name,
          `${url}${near === undefined ? currentQuery : historyQuery(near)}`,
          {
            headers: { cookie },
            redirects: false,
            timeoutMs,
            longest: longestElementText,
            signal,
            onBytes,
          },
        );
        if (answer.status !== 200)
          throw refused(name, url, answer.status, 'when it is asked for element sets');
        return { kind: 'new', bytes: answer.bytes };
      } finally {
        await logOut(options, cookie);
      }
    },
    async close() {},
  };
}

const currentQuery =
  '/basicspacedata/query/class/gp/decay_date/null-val/epoch/%3Enow-30/orderby/norad_cat_id/format/json';

function historyQuery(near: MjdUtc): string {
  const [from, to] = [near - historyDays, near + historyDays].map((mjd) => isoUtc(mjdUtc(mjd)).slice(0, 19));
  return `/basicspacedata/query/class/gp_history/epoch/${from}--${to}/orderby/norad_cat_id/format/json`;
}

/** The session's cookie, as it is sent back. */
async function logIn({ name, url, credentials }: SpaceTrackOptions, signal?: AbortSignal): Promise<string> {
  const { user, password } = credentials();
  const answer = await download(name, `${url}/ajaxauth/login`, {
    method: 'POST',
    body: new URLSearchParams({ identity: user, password }),
    redirects: false,
    timeoutMs: sessionMs,
    longest: shortAnswer,
    signal,
  });
  if (answer.status !== 200) throw refused(name, url, answer.status, 'at the login');
  // A wrong password is answered 200 as well, with {"Login":"Failed"}.
  const isFailed = Buffer.from(answer.bytes).includes('Failed');
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
  if (!isFailed && cookies.length > 0) return cookies.join('; ');
  throw new Fault(
    'NS_DEPENDENCY_REFUSED',
    `${name} at ${new URL(url).origin} refuses the login: look at SPACETRACK_USER and SPACETRACK_PASSWORD.`,
    { dependency: name },
  );
}

/** A session that cannot be ended ends by itself after two hours; the element sets are here all the same. */
async function logOut({ name, url }: SpaceTrackOptions, cookie: string): Promise<void> {
  const ending = download(name, `${url}/ajaxauth/logout`, {
    headers: { cookie },
    redirects: false,
    timeoutMs: sessionMs,
    longest: shortAnswer,
  });
  await Promise.allSettled([ending]);
}
