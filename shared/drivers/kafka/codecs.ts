import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

interface Encoder {
  readonly buffer: Buffer;
}

/**
 * Teaches kafkajs, which reads only gzip by itself, the other codecs of Kafka. Snappy and LZ4 are those of
 * @platformatic/kafka, loaded when the first such batch comes.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoder) => promisify(zstdCompress)(buffer),
    decompress: (buffer: Buffer) => promisify(zstdDecompress)(buffer),
  });
  for (const name of ['snappy', 'lz4'] as const) {
    const codec = async () => (await import('@platformatic/kafka')).compressionsAlgorithms[name];
    CompressionCodecs[name === 'snappy' ? CompressionTypes.Snappy : CompressionTypes.LZ4] = () => ({
      compress: async ({ buffer }: Encoder) => (await codec()).compressSync(buffer),
      decompress: async (buffer: Buffer) => (await codec()).decompressSync(buffer),
    });
  }
}
