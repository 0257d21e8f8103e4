import { describe, expect, test } from '@jest/globals';
import { showText } from '../../../src/cli/inspect/show.ts';
import { receiptOf, type VersionHistory } from '../../../src/domain/receipt.ts';
import { attemptOf, doubtfulAttempt, failedAttempt, RECIPE } from '../../support/filled-ledger.ts';

const document = { id: 'q1/a b.txt', size: 1234, mtimeMs: 0 };
const at = (hours: number, minutes: number): number => new Date(2026, 2, 31, hours, minutes).getTime();

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
  updatedAt: new Date(at(9, 5)).toISOString(),
  attempts: [],
  result: null,
  receipt: null,
  answer: null,
};

/** A version with this answer, which came at 09:05. */
function answered(
  answer: string,
  { attempts = [failedAttempt(1), attemptOf(2)], api = RECIPE.api, reused = false } = {},
) {
  const attempt = attemptOf(2, { startedAt: new Date(at(9, 5)).toISOString(), seconds: 3.2 });
  const known = { text: answer, extras: {}, notes: ['It was joined.'], leftOut: { chart: 2 }, readers: [] };
  const receipt = receiptOf({
    document,
    sha256: 'ab12',
    result: 'q1/a b.txt.md',
    fingerprint: 'print',
    recipe: { ...RECIPE, api },
    answer: { ...known, document: reused ? 'twin.txt' : document.id, attempt },
    attempts: reused ? [] : attempts,
  });
  return { ...pending, state: 'done', result: receipt.result, receipt, answer } as const;
}

function inLedger(record: ReturnType<typeof attemptOf>): VersionHistory['attempts'][number] {
  const { number, startedAt, generationId } = record;
  return { number, startedAt, bodySha256: 'body', model: RECIPE.model, generationId, record, counts: true };
}

const settings: Parameters<typeof showText>[2] = {
  hint: (command) => `sluice ${command}`,
  now: at(12, 0),
  terminal: null,
  pathOf: (result) => `/out/${result}`,
  textAt: () => null,
  reports: [],
};

const shown = (versions: readonly VersionHistory[], changes: Partial<typeof settings> = {}): readonly string[] =>
  showText(document.id, versions, { ...settings, ...changes }).split('\n');

describe('showText', () => {
  test('begins with the answer, whole where it goes to no terminal, then says what it cost', () => {
    expect(shown([answered('Yes.\nAnd \u001B[2J no.\n')])).toEqual([
      'Yes.',
      'And \u001B[2J no.',
      '',
      'q1/a b.txt',
      '  Answered at 09:05 by acme/small-2, in 3.2 s.',
      '  Cost: $0.2500 (2 calls).',
      '  Recipe: letters.md',
      '  Left out: 2 charts',
      '  Note: It was joined.',
      '  Result: /out/q1/a b.txt.md',
      "  More: sluice show 'q1/a b.txt' --history",
    ]);
  });

  test('shows as much of it as fits a terminal, and nothing that a terminal would obey', () => {
    const terminal = { rows: 24, columns: 40 };
    const lines = shown([answered(`\u001B[2J\ta\n${'x'.repeat(100)}\n${'line\n'.repeat(30)}`)], { terminal });
    expect(lines[0]).toBe('\\u{1b}[2J\ta');
    expect(lines.slice(9, 12)).toEqual(['line', '[22 more lines; all of it is in /out/q1/a b.txt.md]', '']);
    const long = shown([answered('x'.repeat(5000))], { terminal });
    expect(long.slice(0, 2)).toEqual([`${'x'.repeat(320)}...`, '[cut; all of it is in /out/q1/a b.txt.md]']);
    expect(shown([answered('Yes.')], { terminal }).slice(0, 2)).toEqual(['Yes.', '']);
  });

  test('says where an answer cost nothing', () => {
    expect(shown([answered('Yes.', { reused: true })])).toContain('  Cost: nothing, the answer was made for twin.txt.');
    const simulated = shown([answered('Yes.', { api: 'simulator', attempts: [attemptOf(2)] })]);
    expect(simulated).toContain('  Answered at 09:05 by the simulator, as acme/small-2, in 3.2 s.');
    expect(simulated).toContain('  Cost: nothing; would have cost $0.2500.');
  });

  test('reads a result of which the ledger knows no more', () => {
    const found: VersionHistory = { ...pending, state: 'done', result: 'a.md', recipe: null };
    expect(shown([found], { textAt: (path) => (path === '/out/a.md' ? 'Old.' : null) }).slice(0, 5)).toEqual([
      'Old.',
      '',
      'q1/a b.txt',
      '  Its result was there before 09:05: how it was made is not known.',
      '  Result: /out/a.md',
    ]);
    expect(shown([found])[0]).toBe('q1/a b.txt');
  });

  test('says why there is none, what that cost, and what to do', () => {
    const failure = { state: 'failed', code: 'length', reason: 'It was cut.' } as const;
    const attempts = [doubtfulAttempt(1), attemptOf(2)].map(inLedger);
    const reports = ['/failed/a.error.json', '/failed/a.partial.md'];
    const earlier = { ...answered('Old.'), current: false };
    expect(shown([{ ...pending, ...failure, attempts }, earlier], { reports })).toEqual([
      'q1/a b.txt',
      '  Failed at 09:05: It was cut. (length)',
      '  Cost: $0.2500 and unknown for 1 attempt (2 calls).',
      '  Report: /failed/a.error.json',
      '  What came of it: /failed/a.partial.md',
      '  An earlier answer is still there: /out/q1/a b.txt.md',
      "  To try it again: sluice retry 'q1/a b.txt'",
      "  More: sluice show 'q1/a b.txt' --history",
    ]);
    expect(shown([{ ...pending, ...failure, state: 'held' }])[1]).toBe(
      '  Held since 09:05, as it may have been billed: It was cut. (length)',
    );
  });

  test('says what a pending one waits for', () => {
    const refused = inLedger(failedAttempt(1));
    const attempts = [refused, { ...refused, number: 2, record: null }];
    expect(shown([{ ...pending, attempts, dueAt: at(13, 0) }])).toEqual([
      'q1/a b.txt',
      '  Pending: it has no answer so far.',
      '  The last call: The server has trouble.',
      '  Not asked before 13:00: the API asked to wait.',
      '  A call is in flight, or was when the process ended.',
      '  Cost: $0.00 (1 call).',
      "  More: sluice show 'q1/a b.txt' --history",
    ]);
    expect(shown([pending])).toContain('  Cost: nothing, no call was made.');
  });
});
