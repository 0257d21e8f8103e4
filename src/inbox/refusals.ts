import { existsSync } from 'node:fs';
import type { ReadOutcome } from '../domain/document.ts';
import { errorCode, errorMessage } from '../domain/errors.ts';

/** It is not in the state that it was found in: the next look finds it as it is. */
export const OVERTAKEN: ReadOutcome = { kind: 'overtaken', reason: 'It changed since it was found.' };

/** It can never be sent as it is. */
export function refused(code: string, reason: string, sha256: string | null = null): ReadOutcome {
  return { kind: 'refused', code, reason, sha256 };
}

/** Sizes in bytes. */
export function tooLarge(size: number, limit: number): ReadOutcome {
  return refused(
    'too-large',
    `It has ${size} bytes, and the limit is ${limit}. Split it, or raise the limit with --max-bytes.`,
  );
}

export function empty(sha256: string): ReadOutcome {
  return refused('empty', 'It is empty. Drop it again with something in it.', sha256);
}

/** What an error of the system, met while a document was read, means for it. */
export function whyNot(error: unknown, path: string): ReadOutcome {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return existsSync(path) ? OVERTAKEN : { kind: 'gone' };
    case 'ELOOP':
      return refused('link', 'It is a link, and links are not followed. Drop the file itself.');
    case 'ENXIO':
      return refused('not-a-file', 'It is not a regular file.');
    case 'EACCES':
    case 'EPERM':
      return refused('unreadable', 'Its permissions do not allow reading it. Give read permission and drop it again.');
    default:
      return { kind: 'overtaken', reason: `It could not be read at the moment: ${errorMessage(error)}.` };
  }
}
