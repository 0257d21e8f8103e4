import { expect, test } from '@jest/globals';
import type { GateEvent } from '../../src/domain/events.ts';
import { type EventLevel, levelOf, messageOf } from '../../src/report/describe-event.ts';

const cooling = { type: 'gate-cooling', model: 'm', seconds: 43, reason: 'too many requests' } as const;
const midnight = new Date(2026, 3, 1).getTime();

test.each<[GateEvent, EventLevel, unknown]>([
  [cooling, 'info', 'cooling down, 43 s: too many requests'],
  [{ ...cooling, limit: 'rate' }, 'info', 'cooling down, 43 s (rate limit): too many requests'],
  [{ ...cooling, limit: 'concurrency' }, 'info', 'cooling down, 43 s (too many at once): too many requests'],
  [{ ...cooling, limit: 'upstream' }, 'info', "cooling down, 43 s (the provider's shared pool): too many requests"],
  [
    { ...cooling, limit: 'spending' },
    'info',
    'cooling down, 43 s (money held back for calls in flight): too many requests',
  ],
  [{ type: 'gate-limited', model: 'm', calls: 12, reason: 'busy' }, 'info', 'at most 12 calls at once: busy'],
  [{ type: 'gate-limited', model: 'm', calls: 1, reason: 'busy' }, 'info', 'at most 1 call at once: busy'],
  [
    { type: 'gate-paced', model: 'm', callsPerMinute: 600 },
    'info',
    'paced to 600 calls a minute, as the API takes them',
  ],
  [
    { type: 'gate-paced', model: 'm', callsPerMinute: 2.5 },
    'info',
    'paced to 2.5 calls a minute, as the API takes them',
  ],
  [{ type: 'gate-paced', model: 'm', callsPerMinute: null }, 'info', 'no longer paced'],
  [
    { type: 'gate-probing', model: 'm', reason: '30 of the last 50 failed' },
    'warn',
    'one call at a time to m: 30 of the last 50 failed',
  ],
  [{ type: 'gate-recovered', model: 'm' }, 'warn', 'm answers again: no longer one call at a time'],
  [{ type: 'gate-paused', scope: 'account', reason: 'key refused' }, 'error', 'paused: key refused'],
  [
    { type: 'gate-paused', scope: 'budget', reason: 'the budget of the day is spent', until: midnight },
    'warn',
    'paused until 2026-04-01 00:00: the budget of the day is spent',
  ],
  [
    { type: 'gate-paused', scope: 'model', model: 'm', reason: 'daily quota', until: midnight - 1 },
    'error',
    'paused until 2026-04-01 00:00: daily quota',
  ],
  [
    { type: 'gate-paused', scope: 'account', reason: 'quota', until: 1e300 },
    'error',
    expect.stringMatching(/^paused until 275760-09-1\d \d\d:\d\d: quota$/),
  ],
  [{ type: 'gate-resumed', scope: 'account' }, 'info', 'no longer paused: account'],
])('%j', (event, level, message) => {
  expect({ level: levelOf(event), message: messageOf(event) }).toEqual({ level, message });
});
