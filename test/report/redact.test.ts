import { expect, test } from '@jest/globals';
import { redact } from '../../src/report/words.ts';

test('a secret is replaced wherever it stands, also escaped for JSON', () => {
  const safe = redact(['sk-"1', '']);
  expect(safe(`key sk-"1, again ${JSON.stringify({ key: 'sk-"1' })}`)).toBe(
    'key [redacted], again {"key":"[redacted]"}',
  );
});

test('without secrets a text stays as it is', () => {
  expect(redact([])('text')).toBe('text');
});
