import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

describe('sluice retry', () => {
  const stage = setTheStage();

  test('has a running daemon try a failed document again', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'refusal', document: 'bad', attempts: [1] }] });
    await workspace.drop('bad.txt');
    await workspace.drop('good.txt');
    // Neither a scan nor an event of a file brings the document again.
    const daemon = stage.start(daemonOver(workspace, simulator, '--rescan', '3600'));
    await daemon.logged('document-failed');
    const retried = await stage.run(['retry', 'b*', '--root', workspace.root]);
    expect(retried).toMatchObject({ code: 0, stderr: '' });
    expect(retried.stdout).toMatch(/^1 document back to pending \(1 failed\)/);
    await until('it is answered', () => workspace.hasResult('bad.txt'));
    expect(existsSync(workspace.failed('bad.txt.error.json'))).toBe(false);
  });

  test('has the next run try it again, with all its attempts', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 503, attempts: [1, 2, 3] }] });
    await workspace.drop('a.txt');
    const hasty = ['--retries', '1', '--retry-delay', '0'];
    expect(await stage.run(onceOver(workspace, simulator, ...hasty))).toMatchObject({ code: 3 });
    expect(await stage.run(['retry', '--root', workspace.root])).toMatchObject({ code: 0 });
    expect(await stage.run(onceOver(workspace, simulator, ...hasty))).toMatchObject({ code: 0 });
  });

  test('a reason that no failure has ends with 2 and those that there are', async () => {
    const workspace = await stage.workspace();
    await workspace.drop('empty.txt', '');
    await stage.run(onceOver(workspace, await stage.simulator()));
    const retried = await stage.run(['retry', '--reason', 'bored', '--root', workspace.root]);
    expect(retried).toMatchObject({ code: 2, stdout: '' });
    expect(retried.stderr).toMatch(
      /^sluice: No document failed for the reason "bored"\. The reasons are: [a-z-]+\.\n$/,
    );
  });
});
