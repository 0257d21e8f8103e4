import { errorCode, errorMessage } from '../domain/errors.ts';

const MEANWHILE = 'New files are found by looking again every few seconds instead.';

/** Says for people why file events cannot be relied on, and what helps. */
export function degradedReason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return `The system allows no more file watches (this is not about disk space). ${MEANWHILE} Raising fs.inotify.max_user_watches helps.`;
    case 'EMFILE':
    case 'ENFILE':
      return `The system allows no more open files or watchers. ${MEANWHILE} Raising "ulimit -n" or fs.inotify.max_user_instances helps.`;
    default:
      return `The system sends no file events: ${errorMessage(error)}. ${MEANWHILE}`;
  }
}
