import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from 'openfaas-sdk-ts';
import type { Seal } from '../../ports/seal.ts';

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM under a key that is the SHA-256 of the secret's text, which `name` says where to find: nonce, tag, then the text. */
export function aesSeal(secret: string, name: string): Seal {
  const key = createHash('sha256').update(secret).digest();
  return {
    seal(bytes) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = [cipher.update(bytes), cipher.final()];
      return Buffer.concat([nonce, cipher.getAuthTag(), ...text]);
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
        decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
        return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
      } catch (cause) {
        throw new Fault(
          'NS_RECORD_UNREADABLE',
          `A sealed object does not open: it was changed, or ${name} was.`,
          { cause },
        );
      }
    },
    async close() {},
  };
}

/** A key of the data folder's own, made once (mode 0600); of several processes that make it at once, one wins. */
export function embeddedSealKey(dataFolder: string, name: 'seal.key' | 'catalog.key'): string {
  const file = join(dataFolder, name);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  mkdirSync(dataFolder, { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, randomBytes(32).toString('hex'), { mode: 0o600 });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(fresh);
  }
  return readFileSync(file, 'utf8');
}
