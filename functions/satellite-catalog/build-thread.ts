import { handOver, serveWorker } from 'openfaas-sdk-ts';
import { type BuildWork, buildWork } from './build-work.ts';

serveWorker<BuildWork>({
  ...buildWork,
  async build(input) {
    const built = await buildWork.build(input);
    return handOver(built, [built.publicPart, built.privatePart]);
  },
});
