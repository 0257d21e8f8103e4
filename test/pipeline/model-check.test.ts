import { describe, expect, test } from '@jest/globals';
import type { AttemptOutcome, Verdict } from '../../src/domain/attempt.ts';
import { ModelCheck } from '../../src/pipeline/model-check.ts';
import { answer, document, outcomeOf, refusedRequest, retryVerdict } from './in-memory.ts';

function refusal(status: number): AttemptOutcome {
  const outcome = outcomeOf(1, refusedRequest, '');
  return { ...outcome, record: { ...outcome.record, status } };
}

/** A billed one, of a prompt that was cut. */
const cut = (startedAt: string, costUsd: number | null) => {
  const outcome = refusal(200);
  return { ...outcome, record: { ...outcome.record, startedAt, seconds: 5, billing: 'known' as const, costUsd } };
};

/** What becomes of a row of attempts, each of another document: `fail`, `pause`, ... */
function verdicts(check: ModelCheck, outcomes: readonly AttemptOutcome[], model = 'model'): Verdict['kind'][] {
  return outcomes.map((outcome, index) => {
    const { kind } = check.check(model, outcome).outcome.verdict;
    if (kind === 'fail') check.filed(model, document(`d${index}`));
    return kind;
  });
}

describe('ModelCheck', () => {
  test('takes the same refusal of the first five for a mistake of configuration, and so all that follow', () => {
    const check = new ModelCheck();
    const kinds = verdicts(
      check,
      Array.from({ length: 7 }, () => refusal(400)),
    );
    expect(kinds).toEqual(['fail', 'fail', 'fail', 'fail', 'pause', 'pause', 'pause']);
  });

  test('does not pay again and again to see whether the cause is gone', () => {
    const check = new ModelCheck();
    const first = Array.from({ length: 5 }, (_, second) => cut(`2026-11-30T12:00:0${second}.000Z`, 0.01));
    expect(verdicts(check, first)).toEqual(['fail', 'fail', 'fail', 'fail', 'pause']);
    // It was in flight when the fifth of them ended.
    expect(verdicts(check, [cut('2026-11-30T12:00:08.000Z', 0.01)])).toEqual(['pause']);
    // Made to see whether the cause is gone.
    expect(verdicts(check, [cut('2026-11-30T12:01:10.000Z', 0)])).toEqual(['pause']);
    expect(verdicts(check, [cut('2026-11-30T12:02:20.000Z', null)])).toEqual(['fail']);
    expect(check.filed('model', document('a'))).toBe(false);
    expect(verdicts(check, [cut('2026-11-30T12:03:00.000Z', 0.01)])).toEqual(['fail']);
  });

  test('names the documents that were failed for it, once', () => {
    const check = new ModelCheck();
    verdicts(
      check,
      Array.from({ length: 4 }, () => refusal(422)),
    );
    expect(check.check('model', refusal(422)).reopen.map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect(check.check('model', refusal(422)).reopen).toEqual([]);
  });

  test('has a failure taken back whose report was still being written', () => {
    const check = new ModelCheck();
    for (let count = 0; count < 5; count += 1) check.check('model', refusal(400));
    expect(check.filed('model', document('a'))).toBe(true);
  });

  test('lets a failure stand where others of the model were answered', () => {
    const check = new ModelCheck();
    verdicts(check, [refusal(400), outcomeOf(1, answer, 'text')]);
    expect(check.filed('model', document('a'))).toBe(false);
  });

  test.each([
    { what: 'an answer', between: outcomeOf(1, answer, 'text') },
    { what: 'another refusal', between: refusal(404) },
  ])('fails documents one by one after $what', ({ between }) => {
    const row = [refusal(400), refusal(400), between, ...Array.from({ length: 9 }, () => refusal(400))];
    expect(verdicts(new ModelCheck(), row)).not.toContain('pause');
  });

  test('learns nothing from attempts that say nothing of the request', () => {
    const row = [refusal(400), outcomeOf(1, retryVerdict(), ''), ...Array.from({ length: 4 }, () => refusal(400))];
    expect(verdicts(new ModelCheck(), row).at(-1)).toBe('pause');
  });

  test('judges each model by itself', () => {
    const check = new ModelCheck();
    verdicts(check, [refusal(400), refusal(400), refusal(400)], 'one');
    expect(verdicts(check, [refusal(400), refusal(400)], 'other')).toEqual(['fail', 'fail']);
  });

  test('believes a refused model again as soon as it answers', () => {
    const check = new ModelCheck();
    verdicts(
      check,
      Array.from({ length: 5 }, () => refusal(400)),
    );
    expect(verdicts(check, [refusal(400), outcomeOf(1, answer, 'text'), refusal(400)])).toEqual([
      'pause',
      'answer',
      'fail',
    ]);
  });
});
