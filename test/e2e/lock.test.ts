import { hostname } from 'node:os';
import { describe, expect, jest, test } from '@jest/globals';
import { daemonOver, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

describe('a workspace', () => {
  const stage = setTheStage();

  test('belongs to one process at a time, and to the next as soon as that is killed', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    const daemon = stage.start(daemonOver(workspace, simulator));
    await daemon.logged('scan-finished');

    const second = await stage.run(onceOver(workspace, simulator));
    expect(second).toMatchObject({ code: 8, stdout: '' });
    expect(second.stderr).toContain(`Process ${daemon.child.pid} on ${hostname()} (`);
    expect(second.stderr).toMatch(/\) works on .*, since .*\d\d:\d\d\./);

    daemon.kill('SIGKILL');
    await daemon.exited;
    expect(await stage.run(onceOver(workspace, simulator))).toMatchObject({ code: 0 });
  });

  test('is free for a trial while a daemon works on it', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    const daemon = stage.start(daemonOver(workspace, simulator));
    await daemon.logged('scan-finished');
    expect(await stage.run(onceOver(workspace, simulator, '--test'))).toMatchObject({ code: 0 });
  });
});
