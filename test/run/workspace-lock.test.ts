import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, WorkspaceTakenError } from '../../src/domain/errors.ts';
import { lockWorkspace } from '../../src/ledger/lock.ts';
import { monotonicClock } from '../../src/lib/clock.ts';
import { WorkspaceHold } from '../../src/run/open-ledger.ts';
import { Workspace } from '../support/workspace.ts';

const settings = { commandLine: ['sluice'] };

describe('WorkspaceHold', () => {
  let workspace: Workspace;
  let hold: WorkspaceHold;
  const folderOf = (name: string) => join(workspace.root, name, '.sluice');

  beforeEach(async () => {
    workspace = await Workspace.make();
    hold = new WorkspaceHold({ ...settings, clock: monotonicClock });
  });
  afterEach(async () => {
    await hold.release();
    await workspace.remove();
  });

  /** Whether another process would get it. */
  const isFree = async (name: string): Promise<boolean> => {
    try {
      const lock = await lockWorkspace(folderOf(name), settings);
      await lock.release();
      return true;
    } catch (error) {
      if (error instanceof WorkspaceTakenError) return false;
      throw error;
    }
  };

  test('takes the same workspace again without letting go of it, and finds no dead process', async () => {
    await hold.take(folderOf('one'));
    expect((await hold.take(folderOf('one'))).diedBefore).toBe(false);
    expect(await isFree('one')).toBe(false);
    await hold.release();
    expect(await isFree('one')).toBe(true);
  });

  test('lets go of one workspace for another', async () => {
    await hold.take(folderOf('one'));
    await hold.take(folderOf('other'));
    expect([await isFree('one'), await isFree('other')]).toEqual([true, false]);
  });

  test('does not take for held what was deleted', async () => {
    await hold.take(folderOf('one'));
    await rm(folderOf('one'), { recursive: true });
    await expect(hold.take(folderOf('one'))).rejects.toThrow(DiskError);
  });

  test('tells of a death before it once', async () => {
    const dead = await lockWorkspace(folderOf('one'), settings);
    await rm(join(folderOf('one'), 'lock.db'));
    await dead.release();
    expect((await hold.take(folderOf('one'))).diedBefore).toBe(true);
    expect((await hold.take(folderOf('one'))).diedBefore).toBe(false);
  });
});
