import { Fault, serveWorker } from 'openfaas-sdk-ts';

export interface Thread {
  double(n: number): Promise<number>;
  refuse(why: string): Promise<never>;
  die(code: number): Promise<never>;
}

serveWorker<Thread>({
  double: async (n) => 2 * n,
  refuse: async (why) => {
    throw new Fault('NS_ITEM_REFUSED', why);
  },
  die: async (code) => process.exit(code),
});
