import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Received, testServer } from '../drivers/http/server.ts';

/** A server that answers as space-track.org does, to one user. */
export interface SpaceTrackServer {
  readonly url: string;
  readonly received: Received[];
  /** What the query answers from now on. */
  catalogue: string;
  /** Answers the query otherwise than with the catalogue. */
  query?: (response: ServerResponse) => void;
  /** Answers the login otherwise than it deserves. */
  login?: (response: ServerResponse) => void;
}

export const spaceTrackUser = { user: 'observer@example.org', password: 'p&ss=word%' };
/** Of a session; nothing may tell it on. */
export const spaceTrackCookie = 'chocolatechip=0123456789abcdef';

export async function spaceTrackServer(catalogue: string): Promise<SpaceTrackServer> {
  const { url, received } = await testServer((response, one, request) => answer(response, one, request));
  const server: SpaceTrackServer = { url, received, catalogue };
  const answer = (
    response: ServerResponse,
    { method, url: path, body }: Received,
    request: IncomingMessage,
  ) => {
    if (path === '/ajaxauth/login' && method === 'POST') {
      if (server.login) server.login(response);
      else logIn(response, new URLSearchParams(body));
    } else if (request.headers.cookie !== spaceTrackCookie) {
      response.writeHead(401).end('{"error":"You must be logged in to complete this action"}');
    } else if (path === '/ajaxauth/logout') response.end('"Successfully logged out"');
    else if (!path.startsWith('/basicspacedata/query/')) response.writeHead(404).end();
    else if (server.query) server.query(response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(server.catalogue);
  };
  return server;
}

function logIn(response: ServerResponse, form: URLSearchParams): void {
  const { user, password } = spaceTrackUser;
  if (form.get('identity') !== user || form.get('password') !== password) {
    response.end('{"Login":"Failed"}');
    return;
  }
  response.setHeader('set-cookie', `${spaceTrackCookie}; path=/; secure; HttpOnly`);
  response.end('""');
}
