import { serveWorker } from 'openfaas-sdk-ts/start-worker.ts';
import { type CrewMember, serveStrips } from '#shared/domain/image/strip-crew.ts';

/** A thread that does its part of each strip kernel; `serve` answers when the crew is dismissed. */
export interface StripWork {
  serve(member: CrewMember): Promise<void>;
}

serveWorker<StripWork>({ serve: async (member) => serveStrips(member) });
