import { expect, test } from '@jest/globals';
import { unheard } from '../../src/domain/attempt.ts';
import { SpoiltReplies } from '../../src/llm/spoilt-replies.ts';

const IN_DOUBT = unheard({ number: 1, startedAt: '2026-05-02T09:00:00Z', seconds: 1, code: 'deadline', message: '' });
const EMPTY = { ...IN_DOUBT, billing: 'known' } as const;
const REFUSED = { ...IN_DOUBT, billing: 'none' } as const;
const ANSWERED = { ...EMPTY, verdict: 'answer' } as const;

test.each([
  ['a whole reply that is no good', [EMPTY], true],
  ['one that was not heard to its end', [IN_DOUBT], false],
  ['an answer', [ANSWERED], false],
  ['a refusal', [REFUSED], false],
  ['a refusal after one that is no good', [EMPTY, REFUSED], true],
  ['an answer after one that is no good', [EMPTY, ANSWERED], false],
  ['one that was not heard after one that is no good', [EMPTY, IN_DOUBT], false],
])('after %s', (_, records, isSpoilt) => {
  const spoilt = new SpoiltReplies();
  for (const record of records) spoilt.heed('one', record);
  expect(spoilt.has('one')).toBe(isSpoilt);
  expect(spoilt.has('two')).toBe(false);
});

test('the oldest are forgotten where there are too many', () => {
  const spoilt = new SpoiltReplies();
  for (let body = 0; body <= 10_000; body += 1) spoilt.heed(String(body), EMPTY);
  expect([spoilt.has('0'), spoilt.has('1'), spoilt.has('10000')]).toEqual([false, true, true]);
});
