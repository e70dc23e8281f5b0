import avro from 'avsc';
import type { AvroSchema } from '../../schemas/alert/avro.ts';

/**
 * Avro's long as bigint. avsc's own long is a number, and throws ("potential precision loss") for the ids of every
 * real alert since schema 10.0.
 */
const bigintLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** The codec of a schema; every long is a bigint. Compiling the alert's takes about 30 ms: keep it. */
export function avroType(schema: AvroSchema): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema, { typeHook });
}

/** avsc's registry of names would miss the longs that are written as an object, with a logical type. */
function typeHook(schema: avro.Schema): avro.Type | undefined {
  const isLong =
    schema === 'long' || (typeof schema === 'object' && 'type' in schema && schema.type === 'long');
  return isLong ? bigintLong : undefined;
}
