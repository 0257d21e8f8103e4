import { expect, test } from '@jest/globals';
import { isSameFolder } from '../../src/outbox/outbox.ts';

const before = { dev: 1, ino: 2, birthtimeMs: 100, ctimeMs: 200 };

test.each([
  ['the same', before, before, true],
  ['another inode', before, { ...before, ino: 3 }, false],
  ['another disk', before, { ...before, dev: 3 }, false],
  ['a new folder with the inode of the old one', before, { ...before, birthtimeMs: 300 }, false],
  [
    'a change where the time of birth is the time of the last change',
    { ...before, birthtimeMs: 200 },
    { ...before, birthtimeMs: 300 },
    true,
  ],
])('a folder is compared with %s', (_, known, now, same) => {
  expect(isSameFolder(known, now)).toBe(same);
});
