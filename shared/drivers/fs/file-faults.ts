import { Fault } from 'openfaas-sdk-ts';

/** `code` of an error of the operating system; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error says that nothing is at a path: a folder of it may be missing, or be a file. */
export const isMissing = (error: unknown): boolean => {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
};

/** What the operating system says of disk or rights as a fault of the dependency; anything else as it is. */
export function fileFault(error: unknown, what: string): unknown {
  const fault = (
    kind: 'NS_STORAGE_FULL' | 'NS_DEPENDENCY_REFUSED' | 'NS_DEPENDENCY_UNAVAILABLE',
    why: string,
  ) =>
    new Fault(kind, `${what} failed: ${why} (${systemCode(error)}).`, {
      cause: error,
      dependency: 'objects',
    });
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fault('NS_STORAGE_FULL', 'the disk or quota is full; free space on it');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return fault('NS_DEPENDENCY_REFUSED', 'this user may not write there; check owner, mode and mount');
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return fault('NS_DEPENDENCY_UNAVAILABLE', 'the operating system could not do it');
    default:
      return error;
  }
}
