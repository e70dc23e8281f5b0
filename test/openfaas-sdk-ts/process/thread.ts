import { Fault, handOver, serveWorker } from 'openfaas-sdk-ts';

export interface Thread {
  double(n: number): Promise<number>;
  refuse(why: string): Promise<never>;
  die(code: number): Promise<never>;
  reverse(input: { whole: Uint8Array; part: Uint8Array }): Promise<{ whole: Uint8Array; part: Uint8Array }>;
}

serveWorker<Thread>({
  double: async (n) => 2 * n,
  refuse: async (why) => {
    throw new Fault('NS_ITEM_REFUSED', why);
  },
  die: async (code) => process.exit(code),
  reverse: async (input) => {
    input.whole.reverse();
    return handOver(input, [input.whole, input.part]);
  },
});
