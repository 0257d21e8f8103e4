import { describe, expect, test } from '@jest/globals';
import type { AttemptOutcome, Verdict } from '../../src/domain/attempt.ts';
import { FirstAttempts } from '../../src/pipeline/model-check.ts';
import { answer, document, outcomeOf, refusedRequest, retryVerdict } from './in-memory.ts';

function refusal(status: number): AttemptOutcome {
  const outcome = outcomeOf(1, refusedRequest, '');
  return { ...outcome, record: { ...outcome.record, status } };
}

/** What becomes of a row of attempts, each of another document: `fail`, `pause`, ... */
function rule(attempts: FirstAttempts, outcomes: readonly AttemptOutcome[], model = 'model'): Verdict['kind'][] {
  return outcomes.map((outcome, index) => {
    const { kind } = attempts.rule(model, outcome).outcome.verdict;
    if (kind === 'fail') attempts.filed(model, document(`d${index}`));
    return kind;
  });
}

describe('FirstAttempts', () => {
  test('takes the same refusal of the first five for a mistake of configuration, and so all that follow', () => {
    const attempts = new FirstAttempts();
    const kinds = rule(
      attempts,
      Array.from({ length: 7 }, () => refusal(400)),
    );
    expect(kinds).toEqual(['fail', 'fail', 'fail', 'fail', 'pause', 'pause', 'pause']);
  });

  test('names the documents that were failed for it, once', () => {
    const attempts = new FirstAttempts();
    rule(
      attempts,
      Array.from({ length: 4 }, () => refusal(422)),
    );
    expect(attempts.rule('model', refusal(422)).reopen.map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect(attempts.rule('model', refusal(422)).reopen).toEqual([]);
  });

  test('has a failure taken back whose report was still being written', () => {
    const attempts = new FirstAttempts();
    for (let count = 0; count < 5; count += 1) attempts.rule('model', refusal(400));
    expect(attempts.filed('model', document('a'))).toBe(true);
  });

  test('lets a failure stand where others of the model were answered', () => {
    const attempts = new FirstAttempts();
    rule(attempts, [refusal(400), outcomeOf(1, answer, 'text')]);
    expect(attempts.filed('model', document('a'))).toBe(false);
  });

  test.each([
    { what: 'an answer', between: outcomeOf(1, answer, 'text') },
    { what: 'another refusal', between: refusal(404) },
  ])('fails documents one by one after $what', ({ between }) => {
    const row = [refusal(400), refusal(400), between, ...Array.from({ length: 9 }, () => refusal(400))];
    expect(rule(new FirstAttempts(), row)).not.toContain('pause');
  });

  test('learns nothing from attempts that say nothing of the request', () => {
    const row = [refusal(400), outcomeOf(1, retryVerdict(), ''), ...Array.from({ length: 4 }, () => refusal(400))];
    expect(rule(new FirstAttempts(), row).at(-1)).toBe('pause');
  });

  test('judges each model by itself', () => {
    const attempts = new FirstAttempts();
    rule(attempts, [refusal(400), refusal(400), refusal(400)], 'one');
    expect(rule(attempts, [refusal(400), refusal(400)], 'other')).toEqual(['fail', 'fail']);
  });

  test('believes a refused model again as soon as it answers', () => {
    const attempts = new FirstAttempts();
    rule(
      attempts,
      Array.from({ length: 5 }, () => refusal(400)),
    );
    expect(rule(attempts, [refusal(400), outcomeOf(1, answer, 'text'), refusal(400)])).toEqual([
      'pause',
      'answer',
      'fail',
    ]);
  });
});
