import { expect, test } from '@jest/globals';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { permanentLine } from '../../src/report/log.ts';
import { eventOf } from './support.ts';

const paused: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
const noted: PipelineEvent = { type: 'run-noted', level: 'info', message: 'a folder was made' };

test.each<[PipelineEvent, string, string | null]>([
  [eventOf.failed('a\nb.md'), 'info', 'a\\nb.md: failed: it was refused'],
  [eventOf.failed('a'), 'error', null],
  [eventOf.failed('a', { earlier: true }), 'debug', null],
  [eventOf.succeeded('a'), 'debug', null],
  [eventOf.skipped('a'), 'trace', null],
  [paused, 'error', 'paused: key refused'],
  [paused, 'silent', null],
  [eventOf.noted('a'), 'info', 'a: it was cut'],
  [eventOf.noted('a'), 'warn', null],
  [
    eventOf.barred('a\nb'),
    'info',
    'The recipe a\\nb cannot be used: temprature is not known. Its documents are pending.',
  ],
  [noted, 'info', 'a folder was made'],
  [noted, 'warn', null],
])('%j at level %s', (event, logLevel, line) => {
  expect(permanentLine(event, logLevel, false)).toBe(line);
});

test('is painted by how bad it is', () => {
  expect(permanentLine(eventOf.failed('a'), 'info', true)).toBe('\u001B[33ma: failed: it was refused\u001B[39m');
  expect(permanentLine(paused, 'info', true)).toBe('\u001B[31mpaused: key refused\u001B[39m');
});
