import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { findDocument } from '../../src/queries/find-document.ts';
import { readLedgerOf } from '../../src/queries/read-ledger-of.ts';
import { attemptOf, FilledLedger, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';

describe('findDocument', () => {
  let workspace: Workspace;
  let filled: FilledLedger;

  beforeEach(async () => {
    workspace = await Workspace.make();
    filled = await FilledLedger.open(workspace.root);
    for (const id of ['q1/report.txt', 'q1/invoice.txt', 'notes.md']) await filled.fail(versionOf(id));
  });
  afterEach(async () => {
    await filled.close();
    await workspace.remove();
  });

  const find = (given: string, currentFolder = workspace.root) => {
    const folders = { inbox: workspace.inbox(), outbox: workspace.outbox(), failed: workspace.failed() };
    return readLedgerOf(workspace.root, (reader) => findDocument(reader, given, folders, currentFolder));
  };

  test.each([
    ['its id', 'q1/report.txt', 'q1/report.txt'],
    ['its id with a dot before it', './q1/report.txt', 'q1/report.txt'],
    ['a path to its input', 'inbox/q1/report.txt', 'q1/report.txt'],
    ['a path with dots', './outbox/../inbox/q1/report.txt', 'q1/report.txt'],
    ['a path to its result', 'outbox/q1/report.txt.md', 'q1/report.txt'],
    ['a path to its receipt', 'outbox/q1/report.txt.md.receipt.json', 'q1/report.txt'],
    ['a path to its report', 'failed/q1/report.txt.error.json', 'q1/report.txt'],
    ['a path to its cut answer', 'failed/q1/report.txt.partial.md', 'q1/report.txt'],
    ['a result of a document that is called like a result', 'outbox/notes.md.md', 'notes.md'],
    ['its id, though a path to another file has that name', 'notes.md', 'notes.md'],
  ])('knows a document by %s', async (_, given, id) => {
    expect(await find(given)).toBe(id);
  });

  test('knows it by a path from the current folder, and by an absolute one', async () => {
    expect(await find('report.txt', workspace.inbox('q1'))).toBe('q1/report.txt');
    expect(await find(workspace.inbox('q1', 'report.txt'))).toBe('q1/report.txt');
  });

  test('knows it by a result whose name was shortened', async () => {
    const long = versionOf(`${'x'.repeat(250)}.txt`);
    await filled.attempts(long, [attemptOf(1)], 'Yes.');
    await filled.settle(long, { ...filled.done(long), result: 'xxx-12345678.md', reused: false });
    expect(await find('outbox/xxx-12345678.md')).toBe(long.document.id);
  });

  test.each([
    ['a part of its id', 'REPORT', ': did you mean "q1/report.txt"?'],
    ['parts of several', '.txt', ': did you mean "q1/invoice.txt", "q1/report.txt"?'],
    ['a slip', 'q1/reprot.txt', ': did you mean "q1/report.txt"?'],
    ['nothing near', 'something else', '. Its id is its path below the inbox.'],
  ])('of %s it names what comes near', async (_, given, words) => {
    const finding = find(given);
    await expect(finding).rejects.toBeInstanceOf(UsageError);
    await expect(finding).rejects.toThrow(`The ledger knows no document ${JSON.stringify(given)}${words}`);
  });

  test('says so where the ledger knows none at all', async () => {
    const empty = await Workspace.make();
    const other = await FilledLedger.open(empty.root);
    const folders = { inbox: empty.inbox(), outbox: empty.outbox(), failed: empty.failed() };
    const finding = readLedgerOf(empty.root, (reader) => findDocument(reader, 'a', folders, empty.root));
    await expect(finding).rejects.toThrow('The ledger knows no document "a": it knows none yet.');
    await other.close();
    await empty.remove();
  });
});
