import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { calledAs, hintsFor, quoted } from '../../src/cli/hints.ts';

const place = { currentFolder: '/home/me/sluice', environment: { PATH: '/usr/bin:/opt/bin:/app/node_modules/.bin' } };
const fromNpm = { ...place, environment: { ...place.environment, INIT_CWD: '/home/me/sluice/src' } };
const nowhere = { ...place, currentFolder: '' };

test.each([
  ['/home/me/sluice/dist/main.js', place, 'node dist/main.js'],
  ['/srv/my sluice/dist/main.js', place, "node '/srv/my sluice/dist/main.js'"],
  ['/home/me/sluice/dist/main.js', fromNpm, 'node /home/me/sluice/dist/main.js'],
  ['/home/me/sluice/dist/main.js', nowhere, 'node /home/me/sluice/dist/main.js'],
  ['/opt/bin/sluice', place, 'sluice'],
  ['/home/me/sluice/sluice', place, './sluice'],
  ['/home/me/sluice/node_modules/.bin/sluice', place, 'node_modules/.bin/sluice'],
  ['/app/node_modules/.bin/sluice', place, '/app/node_modules/.bin/sluice'],
])('%s is called again as it was called (%#)', (script, from, called) => {
  expect(calledAs(script, from)).toBe(called);
});

describe('a hint', () => {
  const commandLine = ['node dist/main.js', '--once'];

  test.each([
    ['/home/me/sluice/watch', place, "node dist/main.js retry 'q1/*'"],
    ['/home/me/sluice/long', place, "node dist/main.js retry 'q1/*' --root long"],
    ['/home/me/sluice', place, "node dist/main.js retry 'q1/*' --root ."],
    ['/home/me/sluice/-x', place, "node dist/main.js retry 'q1/*' --root ./-x"],
    ["/srv/it's", place, String.raw`node dist/main.js retry 'q1/*' --root '/srv/it'\''s'`],
    ['/home/me/sluice/watch', fromNpm, "node dist/main.js retry 'q1/*' --root /home/me/sluice/watch"],
    ['/watch', nowhere, "node dist/main.js retry 'q1/*' --root /watch"],
  ])('in %s names its workspace where it must (%#)', (root, from, command) => {
    expect(hintsFor(root, { ...from, commandLine })("retry 'q1/*'")).toBe(command);
  });

  test('may be of the daemon, which is no word', () => {
    expect(hintsFor('/r', { ...place, commandLine: ['sluice'] })('')).toBe('sluice --root /r');
  });
});

test.each([
  ['q1/report.md', 'q1/report.md'],
  ['q1/*', "'q1/*'"],
  ['', "''"],
  ['~me', "'~me'"],
])('%j as a shell takes it', (text, written) => {
  expect(quoted(text)).toBe(written);
});

test('what cannot be seen is seen in a hint, and a shell takes it for the same', () => {
  const name = String.raw`it's a\b`.concat('\u001B[31m\u009B\u202Ex\n1');
  expect(quoted(name)).toBe(String.raw`$'it\'s a\\b\x1b[31m\xc2\x9b\xe2\x80\xaex\x0a1'`);
  expect(execFileSync('bash', ['-c', `printf %s ${quoted(name)}`], { encoding: 'utf8' })).toBe(name);
});
