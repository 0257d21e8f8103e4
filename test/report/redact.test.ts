import { expect, test } from '@jest/globals';
import { redact } from '../../src/report/words.ts';

test('a secret is replaced wherever it stands, also escaped for JSON', () => {
  const safe = redact(['sk-"1-long', '']);
  expect(safe(`key sk-"1-long, again ${JSON.stringify({ key: 'sk-"1-long' })}`)).toBe(
    'key [redacted], again {"key":"[redacted]"}',
  );
});

test('without secrets a text stays as it is', () => {
  expect(redact([])('text')).toBe('text');
});

test.each(['k', '1', 'test', 'none', '1234567'])('a key that is as short as a word hides nothing: %s', (key) => {
  const line = `{"document":"key ${key}.txt","time":"2026-11-30T12:00:00","token":"${key}"}`;
  expect(redact([key])(line)).toBe(line);
});
