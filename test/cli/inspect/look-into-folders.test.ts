import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lookIntoFolders } from '../../../src/cli/inspect/workspace.ts';
import { createOutbox } from '../../../src/outbox/outbox.ts';
import { Workspace } from '../../support/workspace.ts';

describe('lookIntoFolders', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const look = () => lookIntoFolders(workspace.outbox(), workspace.failed());

  test('finds nothing where there is nothing, and makes nothing', () => {
    expect(look().resultOf({ name: 'a.txt', ending: '.md' })).toBeNull();
    expect(look().holds('a.txt.md')).toBe(false);
    expect(look().failedVersion('a.txt')).toBeNull();
    expect(existsSync(workspace.outbox())).toBe(false);
    expect(existsSync(workspace.failed())).toBe(false);
  });

  test.each([
    ['a.txt', '.md'],
    ['q1/a.txt', '.json'],
    ['notes.md/a.txt', '.md'],
    ['é'.repeat(125), '.md'],
    ['a', '.srt'],
  ])('finds what was filed of %s as %s', async (name, ending) => {
    const outbox = createOutbox({
      results: workspace.outbox(),
      failures: workspace.failed(),
      program: 'sluice test',
      receipts: false,
    });
    const path = await outbox.fileResult(name, { name, ending }, 'Yes.');
    const document = { id: name, size: 7, mtimeMs: 1.5, sha256: null };
    await outbox.fileFailure({ document, code: 'x', reason: 'x', attempts: [] }, null);
    const { mtimeMs } = await stat(workspace.outbox(path));
    expect(look().resultOf({ name, ending })).toEqual({ path, mtimeMs });
    expect(look().holds(path)).toBe(true);
    expect(look().failedVersion(name)).toEqual({ size: 7, mtimeMs: 1.5 });
  });
});
