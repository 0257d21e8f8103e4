import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { createOutbox } from '../../src/outbox/create-outbox.ts';
import { lookIntoFolders } from '../../src/queries/look-into-folders.ts';
import { Workspace } from '../support/workspace.ts';

describe('lookIntoFolders', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const look = () => lookIntoFolders(workspace.outbox(), workspace.failed());

  test('finds nothing where there is nothing, and makes nothing', () => {
    expect(look().resultOf('a.txt')).toBeNull();
    expect(look().failedVersion('a.txt')).toBeNull();
    expect(existsSync(workspace.outbox())).toBe(false);
    expect(existsSync(workspace.failed())).toBe(false);
  });

  test.each(['a.txt', 'q1/a.txt', 'notes.md/a.txt', 'é'.repeat(125)])('finds what was filed of %s', async (id) => {
    const outbox = createOutbox({
      results: workspace.outbox(),
      failures: workspace.failed(),
      program: 'sluice test',
      receipts: false,
    });
    const path = await lastValueFrom(outbox.fileResult(id, 'Yes.'));
    const document = { id, size: 7, mtimeMs: 1.5, sha256: null };
    await lastValueFrom(outbox.fileFailure({ document, code: 'x', reason: 'x', attempts: [] }, null));
    expect(look().resultOf(id)).toEqual({ path, mtimeMs: (await stat(workspace.outbox(path))).mtimeMs });
    expect(look().failedVersion(id)).toEqual({ size: 7, mtimeMs: 1.5 });
  });
});
