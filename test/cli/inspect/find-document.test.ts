import { beforeEach, describe, expect, test } from '@jest/globals';
import { findDocument } from '../../../src/cli/inspect/find-document.ts';
import { readLedgerOf, reportName } from '../../../src/cli/inspect/workspace.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { attemptOf, FilledLedger, versionOf } from '../../support/filled-ledger.ts';
import { Workspace } from '../../support/workspace.ts';
import { scenes } from '../scenes.ts';

describe('findDocument', () => {
  const scene = scenes();
  beforeEach(async () => {
    for (const id of ['q1/report.txt', 'q1/invoice.txt', 'notes.md', 'letter.doc'])
      await scene.filled.fail(versionOf(id));
  });

  const find = (given: string, currentFolder = scene.workspace.root) => {
    const { workspace } = scene;
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
    ['a path to what was kept beside its result', 'outbox/q1/report.txt.md.reasoning.md', 'q1/report.txt'],
    ['a path to an image of its answer', 'outbox/q1/report.txt.md.image-12.png', 'q1/report.txt'],
    ['a path to one of the files that it is made of', 'inbox/letter.doc/page 1.txt', 'letter.doc'],
    ['a result of a document that is called like a result', 'outbox/notes.md.md', 'notes.md'],
    ['its id, though a path to another file has that name', 'notes.md', 'notes.md'],
  ])('knows a document by %s', async (_, given, id) => {
    expect(await find(given)).toBe(id);
  });

  test('knows it by a path from the current folder, and by an absolute one', async () => {
    expect(await find('report.txt', scene.workspace.inbox('q1'))).toBe('q1/report.txt');
    expect(await find(scene.workspace.inbox('q1', 'report.txt'))).toBe('q1/report.txt');
  });

  /** A document that is done, with a result by any name. */
  const file = async (id: string, result: string) => {
    const version = versionOf(id);
    await scene.filled.attempts(version, [attemptOf(1)], 'Yes.');
    await scene.filled.settle(version, { ...scene.filled.done(version), result, reused: false, readers: [] });
  };
  const long = `${'x'.repeat(250)}.txt`;

  test.each([
    ['whose name was shortened', long, 'xxx-12345678.md', 'xxx-12345678.md'],
    ['of another ending', 'a.txt', 'a.txt.srt', 'a.txt.srt'],
    ['under a name of the recipe', 'q1/b.pdf', 'tables/b.csv', 'tables/b.csv'],
    ['by what lies beside that', 'q1/b.pdf', 'tables/b.csv', 'tables/b.csv.annotations.json'],
    ['that is called like another document', 'q1/report.pdf', 'q1/report.txt.md', 'q1/report.txt.md'],
  ])('knows it by a result %s', async (_, id, result, given) => {
    await file(id, result);
    expect(await find(`outbox/${given}`)).toBe(id);
  });

  test('knows it by a report whose name was shortened', async () => {
    await scene.filled.fail(versionOf(long));
    expect(await find(`failed/${reportName(long)}.error.json`)).toBe(long);
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

  test('says so if the ledger knows none at all', async () => {
    const empty = await Workspace.make();
    const other = await FilledLedger.open(empty.root);
    const folders = { inbox: empty.inbox(), outbox: empty.outbox(), failed: empty.failed() };
    const finding = readLedgerOf(empty.root, (reader) => findDocument(reader, 'a', folders, empty.root));
    await expect(finding).rejects.toThrow('The ledger knows no document "a": it knows none yet.');
    await other.close();
    await empty.remove();
  });
});
