import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a data folder for one supervisor: an exclusive transaction on `lock`, which the operating system ends with
 * the process, however that dies. @throws Error naming the holder's pid.
 */
export function lockFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true });
  const pidFile = join(dataFolder, 'lock.pid');
  const database = new DatabaseSync(join(dataFolder, 'lock'));
  try {
    database.exec('PRAGMA busy_timeout = 200; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const holder = readPid(pidFile);
    throw new Error(
      `${dataFolder} is in use by the process ${holder}: stop that one, or choose another --data folder.`,
      { cause },
    );
  }
  writeFileSync(pidFile, String(process.pid));
  return {
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return `(its pid is not known: ${error instanceof Error ? error.message : error})`;
  }
}
