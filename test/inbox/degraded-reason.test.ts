import { expect, test } from '@jest/globals';
import { degradedReason } from '../../src/inbox/watch.ts';

test.each([
  ['ENOSPC', /not about disk space.*max_user_watches/],
  ['EMFILE', /max_user_instances/],
  ['ENFILE', /open files/],
  ['EIO', /no file events: sad/],
])('%s is explained', (code, words) => {
  expect(degradedReason(Object.assign(new Error('sad'), { code }))).toMatch(words);
});
