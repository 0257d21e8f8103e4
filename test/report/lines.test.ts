import { describe, expect, test } from '@jest/globals';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { Folding, isKept, lineOf, meaningOf } from '../../src/report/lines.ts';
import { eventOf } from './support.ts';

const paused: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
const noted: PipelineEvent = { type: 'run-noted', level: 'info', message: 'a folder was made' };
const cooling: PipelineEvent = { type: 'gate-cooling', model: 'm', seconds: 2, reason: 'busy' };

test.each<[PipelineEvent, string, boolean]>([
  [eventOf.failed('a'), 'info', true],
  [eventOf.failed('a'), 'error', false],
  [eventOf.failed('a', { earlier: true }), 'info', false],
  [eventOf.failed('a', { earlier: true }), 'debug', true],
  [eventOf.succeeded('a'), 'info', true],
  [eventOf.succeeded('a'), 'warn', false],
  [eventOf.reused('a'), 'info', true],
  [eventOf.skipped('a'), 'info', false],
  [paused, 'error', true],
  [paused, 'silent', false],
  [eventOf.noted('a'), 'info', true],
  [noted, 'warn', false],
  [cooling, 'info', false],
  [cooling, 'debug', true],
])('whether %j is kept at level %s: %s', (event, logLevel, kept) => {
  expect(isKept(event, logLevel)).toBe(kept);
});

test.each<[PipelineEvent, string, string]>([
  [eventOf.failed('a\nb.md'), 'failure', 'a\\nb.md: failed: it was refused'],
  [eventOf.succeeded('q1/a\u001B.pdf'), 'success', 'answered q1/a\\u{1b}.pdf.md, 3.0 s, $0.5000'],
  [eventOf.reused('a'), 'success', 'reused a.md, at no cost'],
  [paused, 'failure', 'paused: key refused'],
  [eventOf.noted('a'), 'plain', 'a: it was cut'],
  [eventOf.barred('a'), 'warning', 'The recipe a cannot be used: temprature is not known. Its documents are pending.'],
  [eventOf.queued('a'), 'aside', 'a: queued'],
])('%j is painted as a %s, and reads', (event, meaning, line) => {
  expect([meaningOf(event), lineOf(event, false)]).toEqual([meaning, line]);
});

test('what an answer of the simulator would cost is not told as spent', () => {
  expect(lineOf(eventOf.succeeded('a'), true)).toBe('answered a.md, 3.0 s, would cost $0.5000');
});

describe('answers that come faster than one can read', () => {
  test('get few lines a second, and none is left uncounted', () => {
    const folding = new Folding();
    let [lines, leftOut] = [0, 0];
    // A thousand a second, for ten seconds.
    for (let ms = 0; ms < 10_000; ms += 1) {
      if (!folding.admits(ms)) continue;
      const before = folding.takeLeftOut();
      leftOut += before;
      lines += before > 0 ? 2 : 1;
    }
    expect(lines).toBeLessThanOrEqual(5 + 2 * 10);
    expect(lines).toBeGreaterThan(15);
    expect(folding.takeIfQuiet(10_500)).toBe(0);
    leftOut += folding.takeIfQuiet(11_000);
    expect(leftOut + (lines - (lines - 5) / 2)).toBe(10_000);
  });

  test('all get one where they come slowly', () => {
    const folding = new Folding();
    expect([0, 600, 1200, 1800, 2400, 3000, 3600].map((ms) => folding.admits(ms))).not.toContain(false);
  });
});
