import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';

// Stores one object and says so, unless NIGHTSHIFT_CRASH kills it on the way: DATA KEY TEXT [ifAbsent].
const [data, key, text, ifAbsent] = process.argv.slice(2);
const store = await fileObjectStore({ data, bucket: 'raw', createdEvents: true });
const { stored } = await store.put(key, Buffer.from(text), { ifAbsent: ifAbsent !== undefined });
await store.close();
process.exitCode = stored ? 0 : 3;
