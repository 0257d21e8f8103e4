import { describe, expect, test } from '@jest/globals';
import { historyText } from '../../../src/cli/inspect/history-text.ts';
import { receiptOf, type VersionHistory } from '../../../src/domain/receipt.ts';
import { attemptOf, doubtfulAttempt, failedAttempt, RECIPE } from '../../support/filled-ledger.ts';

const document = { id: 'q1/a.txt', size: 1234, mtimeMs: Date.parse('2026-03-30T08:00:00Z') };

const pending: VersionHistory = {
  document,
  sha256: 'ab12',
  readers: null,
  current: true,
  state: 'pending',
  api: RECIPE.api,
  recipe: RECIPE,
  code: null,
  reason: null,
  dueAt: null,
  updatedAt: '2026-03-31T10:00:05.000Z',
  attempts: [],
  result: null,
  receipt: null,
  answer: null,
};

const attempts = [failedAttempt(1), doubtfulAttempt(2), attemptOf(3)];

const receipt = receiptOf({
  document,
  sha256: 'ab12',
  result: 'q1/a.txt.md',
  fingerprint: 'print',
  recipe: RECIPE,
  answer: {
    text: 'Yes.',
    extras: {},
    notes: [],
    leftOut: { chart: 2, picture: 1 },
    readers: ['docx/2'],
    document: document.id,
    attempt: attemptOf(3),
  },
  attempts,
});

function inLedger(record: (typeof attempts)[number] | null, counts = true): VersionHistory['attempts'][number] {
  const { number, startedAt } = record ?? { number: 4, startedAt: '2026-03-31T10:00:04.000Z' };
  const generationId = record?.generationId ?? null;
  return { number, startedAt, bodySha256: 'body', model: RECIPE.model, generationId, record, counts };
}

describe('historyText', () => {
  test('shows what became of a document, and how', () => {
    const done: VersionHistory = {
      ...pending,
      state: 'done',
      attempts: attempts.map((record) => inLedger(record, false)),
      result: 'q1/a.txt.md',
      receipt,
    };
    expect(historyText('q1/a.txt', [done]).split('\n')).toEqual([
      'q1/a.txt',
      '',
      'Current version: done since 2026-03-31T10:00:05.000Z, result q1/a.txt.md',
      '  Bytes: 1,234, SHA-256 ab12, modified 2026-03-30T08:00:00.000Z',
      '  Asked: acme/small at https://api.test/v1, recipe letters.md',
      '  Attempts:',
      '    1. 2026-03-31T10:00:01.000Z: The server has trouble. (server-error, HTTP 503), verdict retry, not billed, 0.5 s, gen-1, no longer counts',
      '    2. 2026-03-31T10:00:02.000Z: The connection broke. (connection-reset), verdict retry, billing in doubt, 3.0 s, no longer counts',
      '    3. 2026-03-31T10:00:03.000Z: It was answered. (answered, HTTP 200), verdict answer, $0.2500, 0.5 s, by Acme, gen-3',
      '  Receipt:',
      '    Answered 2026-03-31T10:00:03.500Z by acme/small-2 by Acme in 0.5 s',
      '    Tokens: 100 in, 20 out',
      '    Cost: $0.2500 and unknown for 1 attempt for 3 calls',
      '    Generation: gen-3',
      '    Fingerprint: print',
      '    Left out: 2 charts, 1 picture',
      '    Read by: docx/2',
    ]);
  });

  test('shows why a document failed, what is in flight, what waits, and what is not known', () => {
    const versions: VersionHistory[] = [
      { ...pending, attempts: [inLedger(null)], dueAt: Date.parse('2026-04-01T00:00:00Z') },
      {
        ...pending,
        current: false,
        sha256: null,
        recipe: null,
        state: 'failed',
        code: 'too-large',
        reason: 'Too large.',
      },
    ];
    const text = historyText('a.txt', versions);
    expect(text).toContain('pending since 2026-03-31T10:00:05.000Z, not to be asked before 2026-04-01T00:00:00.000Z');
    expect(text).toContain('4. 2026-03-31T10:00:04.000Z: has not ended');
    expect(text).toContain('Older version: failed since 2026-03-31T10:00:05.000Z: Too large. (too-large)');
    expect(text).toContain('SHA-256 unknown');
    expect(text).toContain('Attempts: none');
  });

  test('says who tells a cost that the API did not', () => {
    const priced = attemptOf(1, { costFrom: 'list 2026-09-23' });
    const told: VersionHistory = { ...pending, attempts: [inLedger(priced)] };
    const text = historyText('a.txt', [{ ...told, receipt: { ...receipt, costFrom: 'list 2026-09-23' } }]);
    expect(text).toContain('verdict answer, $0.2500 (by list 2026-09-23), 0.5 s');
    expect(text).toContain('Cost: $0.2500 and unknown for 1 attempt (by list 2026-09-23) for 3 calls');
  });

  test('says of a reused answer whose it was', () => {
    const reused = { ...receipt, costUsd: 0, attempts: 0, reusedFrom: 'b.txt' };
    const text = historyText('a.txt', [{ ...pending, state: 'done', receipt: reused }]);
    expect(text).toContain('Cost: nothing, the answer was made for b.txt');
  });

  test('shows what came from a cache, what was thought, and how the answer came about', () => {
    const told: VersionHistory = {
      ...pending,
      state: 'done',
      receipt: {
        ...receipt,
        cachedTokens: 80,
        reasoningTokens: 15,
        refusal: 'Not that.',
        notes: ['It was cut.', 'It was joined.'],
      },
    };
    const lines = historyText('a.txt', [told]).split('\n');
    expect(lines).toContain('    Tokens: 100 in (80 of them from a cache), 20 out (15 of them thought)');
    expect(lines.slice(-3)).toEqual(['    Refusal: Not that.', '    Note: It was cut.', '    Note: It was joined.']);
  });

  test('is harmless to a terminal, whatever servers and documents say', () => {
    const bad = '\u001B[2J\u202E\n';
    const version: VersionHistory = {
      ...pending,
      state: 'done',
      code: bad,
      reason: bad,
      result: bad,
      attempts: [inLedger(attemptOf(1, { message: bad, code: bad, provider: bad, generationId: bad }))],
      receipt: {
        ...receipt,
        servedModel: bad,
        provider: bad,
        generationId: bad,
        reusedFrom: bad,
        refusal: bad,
        notes: [bad],
      },
    };
    const text = historyText(bad, [version]);
    for (const control of ['\u001B', '\u202E']) expect(text).not.toContain(control);
    expect(text.split('\n')).toHaveLength(historyText('a', [{ ...version, result: 'a' }]).split('\n').length);
  });
});
