import { existsSync } from 'node:fs';
import { mkdir, rm, utimes } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ReopenSettings, retryDocuments } from '../../../src/cli/inspect/retry.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { createOutbox } from '../../../src/outbox/outbox.ts';
import { FilledLedger, failedAttempt, versionOf } from '../../support/filled-ledger.ts';
import { Workspace } from '../../support/workspace.ts';
import { resolveOptions } from '../options/support.ts';

const program = 'sluice test';

describe('retryDocuments', () => {
  let workspace: Workspace;

  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const retry = (settings: Partial<ReopenSettings> = {}, root = workspace.root) => {
    const { options } = resolveOptions({ flags: { root }, environment: {}, currentFolder: workspace.root });
    return retryDocuments(options, { glob: null, currentFolder: workspace.root, code: null, program, ...settings });
  };

  /** Failed documents, with their reports. */
  const fail = async (...ids: readonly string[]) => {
    const filled = await FilledLedger.open(workspace.root);
    const outbox = createOutbox({
      results: workspace.outbox(),
      failures: workspace.failed(),
      program,
      receipts: false,
    });
    for (const id of ids) {
      const { document, sha256 } = versionOf(id);
      await filled.fail({ document, sha256 });
      const attempts = [failedAttempt(1)];
      await outbox.fileFailure({ document: { ...document, sha256 }, code: 'x', reason: 'x', attempts }, 'A cut');
    }
    await filled.close();
  };

  test('takes documents back and removes their reports, and nothing else', async () => {
    await fail('a.txt', 'q1/a.txt');
    expect(await retry({ glob: 'q1/*' })).toEqual([{ id: 'q1/a.txt', was: 'failed' }]);
    expect(existsSync(workspace.failed('q1', 'a.txt.error.json'))).toBe(false);
    expect(existsSync(workspace.failed('q1', 'a.txt.partial.md'))).toBe(false);
    expect(existsSync(workspace.failed('a.txt.error.json'))).toBe(true);
    expect(await retry()).toEqual([{ id: 'a.txt', was: 'failed' }]);
    expect(await retry()).toEqual([]);
  });

  test('leaves the report of a failure that came after', async () => {
    await fail('a.txt', 'b.txt');
    const later = Date.now() / 1000 + 60;
    await utimes(workspace.failed('a.txt.error.json'), later, later);
    expect(await retry()).toHaveLength(2);
    expect(existsSync(workspace.failed('a.txt.error.json'))).toBe(true);
    expect(existsSync(workspace.failed('b.txt.error.json'))).toBe(false);
  });

  test('a report that cannot be removed stops nothing else', async () => {
    await fail('a.txt', 'b.txt');
    await rm(workspace.failed('a.txt.error.json'));
    await mkdir(workspace.failed('a.txt.error.json', 'x'), { recursive: true });
    expect(await retry()).toHaveLength(2);
    expect(existsSync(workspace.failed('b.txt.error.json'))).toBe(false);
  });

  test.each([
    ['an id with a dot before it', './-dash.txt'],
    ['a path to its report', 'failed/-dash.txt.error.json'],
    ['an absolute path to its input', 'input'],
  ])('takes back the one that %s means', async (_, given) => {
    await fail('-dash.txt', 'a.txt');
    const input = await workspace.drop('-dash.txt');
    const glob = given === 'input' ? input : given;
    expect(await retry({ glob })).toEqual([{ id: '-dash.txt', was: 'failed' }]);
  });

  test('a dot before a glob is as good as none', async () => {
    await fail('-dash.txt', 'a.txt');
    expect(await retry({ glob: './-*' })).toEqual([{ id: '-dash.txt', was: 'failed' }]);
  });

  test('a file of no document is a mistake', async () => {
    await fail('a.txt');
    await workspace.drop('b.txt');
    await expect(retry({ glob: 'inbox/b.txt' })).rejects.toThrow('"b.txt" was not asked yet');
  });

  test('makes no folder if there is nothing to take back', async () => {
    const filled = await FilledLedger.open(workspace.root);
    await filled.close();
    expect(await retry()).toEqual([]);
    expect(existsSync(workspace.failed())).toBe(false);
  });

  test.each([
    ['if nothing was recorded yet', () => workspace.root, 'Nothing was recorded yet in '],
    ['if there is no workspace', () => workspace.outbox('none'), '(--root) does not exist'],
  ])('is a mistake %s', async (_, root, words) => {
    const retrying = retry({}, root());
    await expect(retrying).rejects.toBeInstanceOf(UsageError);
    await expect(retrying).rejects.toThrow(words);
  });
});
