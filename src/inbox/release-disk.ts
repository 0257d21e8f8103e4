import * as promises from 'node:fs/promises';

/** The calls by which an input leaves the inbox: an argument, so that tests can let each of them fail. */
export type MoveDisk = Pick<
  typeof promises,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readFile' | 'rename' | 'rm' | 'rmdir' | 'unlink' | 'utimes'
>;

export const moveDisk: MoveDisk = promises;
