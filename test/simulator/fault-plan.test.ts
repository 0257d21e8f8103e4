import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { FAULT_KINDS, isFaultKind } from '../../src/simulator/fault-kinds.ts';
import { parseFaultPlan } from '../../src/simulator/fault-plan.ts';
import { leastFault } from './support.ts';

const KEYS =
  'seed, latency, capacity, rpm, tpm, window, slots, spending, dailyQuota, account, unavailable, answerTokens, reasoning, faults';

describe('parseFaultPlan', () => {
  test.each([undefined, null, {}])('reads %p as the empty plan', (value) => {
    expect(parseFaultPlan(value)).toEqual({ faults: [] });
  });

  test('gives back what a person wrote', () => {
    const plan = {
      seed: 7,
      latency: [0.1, 0.3],
      capacity: 40,
      rpm: 600,
      tpm: 90_000,
      window: { calls: 50, seconds: 5, hint: 'exact' },
      slots: 8,
      spending: { usd: 1.5, hint: 2 },
      dailyQuota: 50,
      account: 'no-credit',
      unavailable: ['openai/gpt-5'],
      answerTokens: 2_000,
      reasoning: true,
      faults: [
        {
          kind: 'status',
          status: 429,
          retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT',
          retryAfterMs: 1500,
          headers: { 'X-RateLimit-Reset': '1743292800000' },
          body: 'html',
          metadata: { limit_source: 'upstream' },
          message: 'slow down',
          share: 0.2,
          attempts: [1, 2],
          document: '^# Report/2026',
        },
        { kind: 'drip', seconds: 2 },
      ],
    };
    expect(parseFaultPlan(plan)).toEqual(plan);
  });

  test.each([
    { latency: undefined },
    { faults: undefined },
    { window: { calls: 1, seconds: 1, hint: undefined } },
    { spending: { usd: 1, hint: undefined } },
    { faults: [{ kind: 'status', status: 500, share: undefined }] },
  ])('reads what is undefined as not there: %p', (plan) => {
    expect(parseFaultPlan(plan)).toEqual({ faults: [], ...JSON.parse(JSON.stringify(plan)) });
  });

  test.each(Object.keys(FAULT_KINDS).filter(isFaultKind))('knows the kind %s', (kind) => {
    const fault = leastFault(kind);
    expect(parseFaultPlan({ faults: [fault] }).faults).toEqual([fault]);
  });

  test.each([
    ['a text', `the plan is "a text"; it takes a map of ${KEYS}.`],
    [[], `the plan is []; it takes a map of ${KEYS}.`],
    [{ latncy: 1 }, 'latncy is not known: did you mean latency?.'],
    [{ x: 1 }, `x is not known; known are ${KEYS}.`],
    [{ seed: -1 }, 'seed is -1; it takes a whole number from 0 to 4294967295.'],
    [{ latency: 'fast' }, 'latency is "fast"; it takes a number from 0 to 86400, or [from, to].'],
    [{ latency: [0.3, 0.1] }, 'latency is [0.3,0.1]; it takes a number from 0 to 86400, or [from, to].'],
    [{ latency: [1] }, 'latency is [1]; it takes a number from 0 to 86400, or [from, to].'],
    [{ latency: [1, 90_000] }, 'latency is [1,90000]; it takes a number from 0 to 86400, or [from, to].'],
    [{ capacity: 0 }, 'capacity is 0; it takes a whole number of 1 or more.'],
    [{ rpm: 1.5 }, 'rpm is 1.5; it takes a whole number from 1 to 1000000.'],
    [{ tpm: 0 }, 'tpm is 0; it takes a whole number from 1 to 1000000000.'],
    [{ window: 50 }, 'window is 50; it takes a map of calls, seconds, hint.'],
    [{ window: { calls: 50 } }, 'window.seconds is missing.'],
    [{ window: { seconds: 5 } }, 'window.calls is missing.'],
    [{ window: { calls: 1, seconds: 0 } }, 'window.seconds is 0; it takes a number from 0.001 to 86400.'],
    [{ window: { calls: 1, seconds: 1, hint: 2 } }, 'window.hint is 2; it takes one of exact, whole.'],
    [{ window: { calls: 1, seconds: 1, per: 1 } }, 'window.per is not known; known are calls, seconds, hint.'],
    [{ slots: 0 }, 'slots is 0; it takes a whole number of 1 or more.'],
    [{ spending: {} }, 'spending.usd is missing.'],
    [{ spending: { usd: -1 } }, 'spending.usd is -1; it takes a number of 0 or more.'],
    [{ dailyQuota: 0.5 }, 'dailyQuota is 0.5; it takes a whole number of 0 or more.'],
    [{ account: 'closed' }, 'account is "closed"; it takes one of good, refused, no-credit.'],
    [{ unavailable: 'a/b' }, 'unavailable is "a/b"; it takes a list (each a text).'],
    [{ unavailable: [7] }, 'unavailable[0] is 7; it takes a text.'],
    [{ answerTokens: 0 }, 'answerTokens is 0; it takes a whole number from 1 to 1000000.'],
    [{ reasoning: 'high' }, 'reasoning is "high"; it takes true or false.'],
    [{ faults: {} }, 'faults is {}; it takes a list (each a fault, such as {kind: hang}).'],
    [{ faults: ['hang'] }, 'faults[0] is "hang"; it takes a fault, such as {kind: hang}.'],
    [{ faults: [{}] }, 'faults[0].kind is missing.'],
    [{ faults: [{ kind: 7 }] }, 'faults[0] is {"kind":7}; it takes a fault, such as {kind: hang}.'],
    [{ faults: [{ kind: 'status', status: undefined }] }, 'faults[0].status is missing.'],
    [{ faults: [{ kind: 'status' }] }, 'faults[0].status is missing.'],
    [{ faults: [{ kind: 'drip' }] }, 'faults[0].seconds is missing.'],
    [{ faults: [{ kind: 'status', status: 99 }] }, 'faults[0].status is 99; it takes a whole number from 200 to 599.'],
    [
      { faults: [{ kind: 'hang', seconds: 3 }] },
      'faults[0].seconds is not known; known are kind, share, attempts, document.',
    ],
    [{ faults: [{ kind: 'hang', share: 2 }] }, 'faults[0].share is 2; it takes a number from 0 to 1.'],
    [
      { faults: [{ kind: 'hang', attempts: 1 }] },
      'faults[0].attempts is 1; it takes a list (each a whole number of 1 or more).',
    ],
    [
      { faults: [{ kind: 'hang', attempts: [0] }] },
      'faults[0].attempts[0] is 0; it takes a whole number of 1 or more.',
    ],
    [
      { faults: [{ kind: 'status', status: 503, retryAfter: 'a\nb' }] },
      'faults[0].retryAfter is "a\\nb"; it takes a number of 0 or more, or a text of printable ASCII.',
    ],
    [
      { faults: [{ kind: 'status', status: 503, headers: { 'a b': 'c' } }] },
      'faults[0].headers is {"a b":"c"}; it takes headers of HTTP, each a text of printable ASCII.',
    ],
    [
      { faults: [{ kind: 'status', status: 503, headers: { a: 1 } }] },
      'faults[0].headers is {"a":1}; it takes headers of HTTP, each a text of printable ASCII.',
    ],
    [
      { faults: [{ kind: 'error-in-200', metadata: 'x' }] },
      'faults[0].metadata is "x"; it takes a map (each anything).',
    ],
    [{ faults: [{ kind: 'stauts' }] }, 'faults[0].kind "stauts" is not known: did you mean status?.'],
    [
      { dailyQuota: -1, capacity: 0 },
      'dailyQuota is -1; it takes a whole number of 0 or more; capacity is 0; it takes a whole number of 1 or more.',
    ],
  ])('refuses %j', (value, reason) => {
    expect(() => parseFaultPlan(value)).toThrow(new UsageError(`Fault plan: ${reason}`));
  });

  test('names every kind if one is none', () => {
    expect(() => parseFaultPlan({ faults: [{ kind: 'earthquake' }] })).toThrow(
      /^Fault plan: faults\[0\]\.kind "earthquake" is not known; known are status, reset-before, /,
    );
  });

  test('says what is wrong with a regular expression', () => {
    expect(() => parseFaultPlan({ faults: [{ kind: 'hang', document: '(' }] })).toThrow(
      /^Fault plan: faults\[0\]\.document is not a regular expression: /,
    );
  });
});
