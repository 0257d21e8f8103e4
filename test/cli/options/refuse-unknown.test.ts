import { expect, test } from '@jest/globals';
import { resolved } from './support.ts';

test('a misspelt variable is refused with the nearest name, and without its value', () => {
  const environment = { SLUICE_MAX_TOKEN: 'sk-or-secret' };
  expect(() => resolved({ environment })).toThrow(
    'The environment variable SLUICE_MAX_TOKEN is not known: did you mean SLUICE_MAX_TOKENS?',
  );
});

test('a variable near to none is refused with all that are known', () => {
  expect(() => resolved({ environment: { SLUICE_XYZ: '1' } })).toThrow(/not known\. Known are: SLUICE_ROOT, /);
});

test('the key, what tests need, and variables of others are left alone', () => {
  const environment = { SLUICE_API_KEY: 'k', SLUICE_OPENROUTER_OPENAPI: 'f', SLUICE_CRASH_AT: 'filed', PATH: '/bin' };
  expect(resolved({ environment }).given).toEqual({});
});

test.each(['SLUICE_CRASH', 'SLUICE_XYZ'])('what tests need is never suggested, as for %s', (name) => {
  expect(() => resolved({ environment: { [name]: '1' } })).toThrow(/^(?!.*CRASH_AT)(?!.*OPENAPI).* is not known/);
});

test.each([
  ['max-token: 5', '"max-token" in /srv/watch/sluice.config.yaml is not known: did you mean max-tokens?'],
  ['maxTokens: 5', '"maxTokens" in /srv/watch/sluice.config.yaml is not known: did you mean max-tokens?'],
  ['bug-cost: 5', '"bug-cost" in /srv/watch/sluice.config.yaml is not known'],
  ['root: /tmp', 'root in /srv/watch/sluice.config.yaml cannot be set there'],
])('the setting %j is refused', (config, message) => {
  expect(() => resolved({ config })).toThrow(message);
});
