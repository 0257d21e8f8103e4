import { describe, expect, test } from '@jest/globals';
import { from, type Observable, of, throwError } from 'rxjs';
import type { ProcessContext } from '../../src/cli/command.ts';
import { follow as followRun } from '../../src/cli/follow.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { startRun } from '../../src/library/run.ts';
import type { Prepared } from '../../src/run/prepare.ts';
import { preparedOf, processContext } from '../run/support.ts';

const story: readonly PipelineEvent[] = [
  { type: 'document-queued', id: 'a', bytes: 100 },
  { type: 'document-skipped', id: 'b', reason: 'done', stale: false },
  { type: 'document-succeeded', id: 'a', result: 'a.md', attempts: 1, model: null, costUsd: 0.5, seconds: 1 },
];

const stopping: PipelineEvent = { type: 'run-stopping', reason: 'signal', signal: 'SIGTERM', graceSeconds: 60 };

/** Follows a run in which this happens. */
function follow(events: Observable<PipelineEvent>, prepared: Prepared, context: ProcessContext): Promise<number> {
  const opened = { events, close: () => Promise.resolve() };
  return followRun(() => startRun({ context }, () => Promise.resolve(opened)), prepared, context);
}

describe('follow', () => {
  test('starts nothing where the log file cannot be opened', async () => {
    const context = processContext();
    const prepared = preparedOf({ 'log-file': '/nowhere/at/all/run.log' });
    let started = 0;
    const start = () => {
      started += 1;
      return startRun({ context }, () => Promise.resolve({ events: from(story), close: () => Promise.resolve() }));
    };
    await expect(followRun(start, prepared, context)).rejects.toThrow(
      /\/nowhere\/at\/all\/run\.log .* cannot be opened/,
    );
    expect(started).toBe(0);
  });

  test('tells what begins, what happens and what was noted on stderr, and sums it up for people on stdout', async () => {
    const context = processContext();
    const prepared = preparedOf({ once: true });
    const noted: PipelineEvent = { type: 'run-noted', level: 'info', message: 'Made the workspace.' };
    expect(await follow(from([noted, ...story]), prepared, context)).toBe(0);

    const { stdout, stderr } = context.printed;
    expect(stderr.split('\n')[0]).toBe('Made the workspace.');
    expect(stdout).toContain(prepared.options.outbox);
    expect(() => void JSON.parse(stdout)).toThrow(SyntaxError);
  });

  test('prints one object, alone, with --json', async () => {
    const context = processContext();
    await follow(from(story), preparedOf({ json: true }), context);
    expect(JSON.parse(context.printed.stdout)).toMatchObject({ documents: 2, succeeded: 1, skipped: 1 });
  });

  test('keeps the key out of what it tells', async () => {
    const context = processContext();
    context.secrets.add('sk-secret-key');
    const noted: PipelineEvent = { type: 'run-noted', level: 'warn', message: 'sk-secret-key' };
    await follow(of(noted), preparedOf(), context);
    expect(context.printed.stderr).toContain('[redacted]');
    expect(context.printed.stderr).not.toContain('sk-secret-key');
  });

  test.each([
    ['a signal', [...story, stopping], 143],
    ['an account that was refused', [{ ...stopping, reason: 'account', signal: null }], 5],
    [
      'a document that failed',
      [{ type: 'document-failed', id: 'c', code: 'x', reason: 'y', report: null, earlier: false }],
      3,
    ],
  ] as readonly (readonly [string, readonly PipelineEvent[], number])[])(
    'resolves to the exit code of %s',
    async (_, events, code) => {
      expect(await follow(from(events), preparedOf(), processContext())).toBe(code);
    },
  );

  test('rejects with what goes wrong in the program itself', async () => {
    const following = follow(
      throwError(() => new TypeError('a mistake')),
      preparedOf(),
      processContext(),
    );
    await expect(following).rejects.toThrow('a mistake');
  });
});
