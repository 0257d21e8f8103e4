import { describe, expect, test } from '@jest/globals';
import type { AttemptOutcome, Verdict } from '../../src/domain/attempt.ts';
import { ModelCheck } from '../../src/pipeline/model-check.ts';
import { answer, document, outcomeOf, refusedRequest, retryVerdict } from './in-memory.ts';

function refusal(status: number): AttemptOutcome {
  const outcome = outcomeOf(1, refusedRequest, '');
  return { ...outcome, record: { ...outcome.record, status } };
}

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
