import { describe, expect, jest, test } from '@jest/globals';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

describe('sluice show', () => {
  const stage = setTheStage();

  test('shows the answer to a document by its result, and its history', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 503, attempts: [1] }] });
    await workspace.drop('q1/a.txt');
    await stage.run(onceOver(workspace, simulator, '--retry-delay', '0.1'));
    const args = ['show', workspace.outbox('q1', 'a.txt.md'), '--root', workspace.root];
    const answer = await stage.run(args);
    const result = await workspace.result('q1/a.txt');
    expect(answer.stdout.startsWith(`${result.trimEnd()}\n\nq1/a.txt\n  Answered at `)).toBe(true);
    expect(answer.stdout).toMatch(/^ {2}Cost: .* \(2 calls\)\.$/m);
    const shown = await stage.run([...args, '--history']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^q1\/a\.txt\n\nCurrent version: done since .*, result q1\/a\.txt\.md\n/);
    expect(shown.stdout).toMatch(/^ {4}1\. .*HTTP 503.*, not billed,/m);
    expect(shown.stdout).toMatch(/^ {4}2\. .*HTTP 200.*, verdict answer,/m);
    expect(shown.stdout).toMatch(/^ {4}Cost: .* for 2 calls$/m);
  });

  test('ends with 2 and the nearest ids where the document is not known', async () => {
    const workspace = await stage.workspace();
    await workspace.drop('report.txt');
    await stage.run(onceOver(workspace, await stage.simulator()));
    const shown = await stage.run(['show', 'reprot.txt', '--root', workspace.root]);
    expect(shown).toMatchObject({ code: 2, stdout: '' });
    expect(shown.stderr).toBe('sluice: The ledger knows no document "reprot.txt": did you mean "report.txt"?\n');
  });
});
