import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AskedFiles, type AskedSettings } from '../../src/cli/ask/asked-files.ts';
import { PrintedAnswers } from '../../src/cli/ask/out.ts';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

let workspace: Workspace;
let folder: string;
beforeEach(async () => {
  workspace = await Workspace.make();
  folder = workspace.inbox();
  for (const name of ['a.txt', 'q1/b.txt', 'q1/.c', 'q1/_d.txt', 'q1/x.tmp', 'q2/e.doc/page.txt'])
    await workspace.drop(name);
});
afterEach(() => workspace.remove());

function filesOf(paths: readonly string[], more: Partial<AskedSettings> = {}): AskedFiles {
  const settings = {
    currentFolder: folder,
    out: null,
    documents: null,
    readsStdin: false,
    include: [],
    exclude: [],
    maxBytes: 1000,
  };
  return new AskedFiles(paths, { ...settings, ...more });
}

const chunks = () => Readable.from([Buffer.from('It says '), Buffer.from('more.')]);

describe('what is asked about', () => {
  test.each([
    [['a.txt'], ['a.txt'], []],
    [['q1'], ['b.txt'], ['hidden names', 'names that begin with _', 'editor and download leftovers']],
    [
      ['.'],
      ['a.txt', 'q1/b.txt', 'q2/e.doc'],
      ['hidden names', 'names that begin with _', 'editor and download leftovers'],
    ],
    [['q1/b.txt', 'q1/.c', 'q1/_d.txt', 'q1/x.tmp'], ['.c', '_d.txt', 'b.txt', 'x.tmp'], []],
    [['q1/b.txt', 'q2'], ['q1/b.txt', 'q2/e.doc'], []],
    [['q2/e.doc', 'a.txt'], ['a.txt', 'q2/e.doc'], []],
    [['a.txt', './a.txt', 'q1/../a.txt'], ['a.txt'], []],
  ])('%j: ids are paths below the common folder', (paths, ids, ignored) => {
    const files = filesOf(paths);
    expect(files.ids.toSorted()).toEqual(ids);
    const kinds = [...files.documents()].flatMap((entry) => (entry.kind === 'ignored' ? entry.reason : []));
    expect(kinds.toSorted()).toEqual(ignored.toSorted());
  });

  test('what is read is what was named, also behind a link, and under a name that a folder would leave alone', async () => {
    await mkdir(workspace.outbox());
    await symlink(workspace.inbox('q1/b.txt'), workspace.outbox('link'));
    await symlink(workspace.inbox('q1'), workspace.outbox('folder'));
    const files = filesOf([workspace.outbox('link'), workspace.outbox('folder'), workspace.inbox('q1/.c')]);
    expect(files.ids).toEqual(['outbox/link', 'inbox/q1/.c', 'outbox/folder/b.txt']);
    for (const entry of files.documents()) {
      if (entry.kind !== 'document') continue;
      const outcome = await files.read(entry.document);
      const name = entry.document.id === 'inbox/q1/.c' ? 'q1/.c' : 'q1/b.txt';
      expect(outcome).toMatchObject({ kind: 'read', content: { document: entry.document } });
      expect(outcome.kind === 'read' && String(outcome.content.files[0]?.bytes)).toBe(
        `This is ${name}. It says something.`,
      );
    }
  });

  test('folders with the answers of earlier runs, and workspaces, are left out and counted', async () => {
    await mkdir(workspace.inbox('q1/.sluice'));
    await mkdir(workspace.inbox('.sluice'));
    const files = filesOf(['.']);
    expect(files.ids).toEqual(['a.txt', 'q2/e.doc']);
    expect([...files.documents()]).toContainEqual({ kind: 'ignored', reason: 'folders of answers, and workspaces' });
    expect(filesOf(['q1']).ids).toEqual(['b.txt']);
  });

  test('the folder of the answers is left out, and so is what --exclude says', () => {
    const files = filesOf(['.'], { out: workspace.inbox('q1'), exclude: ['q2/'] });
    expect(
      [...files.documents()].map((entry) => (entry.kind === 'document' ? entry.document.id : entry.reason)),
    ).toEqual(['left out by --include or --exclude', 'a.txt']);
  });

  test('what comes from stdin is told from a file of that name, and is no longer than a document may be', async () => {
    await workspace.drop('stdin');
    await expect(filesOf(['stdin'], { readsStdin: true }).addStdin(chunks())).rejects.toBeInstanceOf(UsageError);
    await expect(filesOf([], { readsStdin: true, maxBytes: 10 }).addStdin(chunks())).rejects.toThrow('--max-bytes');
    const files = filesOf([], { readsStdin: true });
    await files.addStdin(chunks());
    const [entry] = files.documents();
    const outcome = entry?.kind === 'document' ? await files.read(entry.document) : null;
    expect(outcome?.kind === 'read' && String(outcome.content.files[0]?.bytes)).toBe('It says more.');
  });
});

test.each([
  [{ isTTY: true, columns: 20 }, 'Tab\there,\nthis line is long,\nand \\u{1b}[2J.\n'],
  [{}, 'Tab\there,\r\nthis line is long, and \u001B[2J.\n'],
])('an answer to stdout as %j', async (terminal, printed) => {
  const stdout = Object.assign(new PassThrough(), terminal);
  const text = 'Tab\there,\r\nthis line is long, and \u001B[2J.';
  await new PrintedAnswers(stdout, false).file({ id: 'a.txt', text, ending: '.md' });
  expect(String(stdout.read())).toBe(printed);
});

async function refusal(...args: readonly string[]): Promise<readonly string[]> {
  const context = { ...settingsOf(folder), stdin: { isTTY: true, read: () => Readable.from([]) } };
  const given = ['ask', ...args, '--api', 'http://127.0.0.1:1/v1', '-m', 'x/y'];
  const before = await readdir(workspace.root, { recursive: true });
  const error: unknown = await runProgram(given, context).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  expect(await readdir(workspace.root, { recursive: true })).toEqual(before);
  return (error as UsageError).mistakes;
}

describe('sluice ask refuses', () => {
  test.each([
    [
      [],
      [
        'ask takes a question first: sluice ask "List three facts." report.pdf',
        'There is nothing to ask about: name files or folders, or pipe something in.',
      ],
    ],
    [['q?'], ['There is nothing to ask about: name files or folders, or pipe something in.']],
    [[' ', 'a.txt'], [/^ask takes a question first/]],
    [['a.txt', 'q1'], [/^a\.txt stands where the question belongs: .* -p\.$/]],
    [['-', 'a.txt'], [/stands where the question belongs/]],
    [['q1/bb.txt', 'q1'], [/^q1\/bb\.txt stands .*, and does not exist: sluice ask "List three facts\." q1\/b\.txt\./]],
    [['reprot.pdf', 'q1'], [/^reprot\.pdf stands where .*, and does not exist: .* -p\.$/]],
    [['q?', ''], [/^ask was given an empty argument/]],
    [['q?', 'a.txt', ''], [/^ask was given an empty argument/]],
    [['-p', 'q?', ''], [/^ask was given an empty argument/]],
    [
      ['q?', 'nope', 'a.txt', '--concurency', '3'],
      [/^--concurency is not known/, 'nope does not exist.'],
    ],
    [
      ['q?', 'nope', 'q1/none/x', 'a.txt'],
      ['nope does not exist.', 'q1/none/x does not exist.'],
    ],
    [['q?', '/dev/null'], [/^\/dev\/null is a pipe, a socket or a device/]],
    [['q?', 'a.txt', '--json'], [/needs? a folder|need a folder: --out DIR/]],
    [['q?', 'a.txt', '--receipts'], [/need a folder: --out DIR/]],
    [['q?', 'a.txt', '--after', 'delete'], [/--after/]],
    [['q?', 'a.txt', '--root', 'x'], [/--root/]],
    [['q?', 'a.txt', '--out', ''], [/--out/]],
    [['q?', 'a.txt', '--out', 'q1'], [/holds other files/]],
    [['q?', 'q1', '--out', 'q1/../q1'], [/^q1 is also the folder of the answers/]],
    [['q?', 'q1/../q2/../q1/..', '--exclude', '*'], [/left out by --include or --exclude \(3\)/]],
    [['-p', 'q?', '-r', 'r.md', 'a.txt'], [/--prompt and --recipe/]],
    [['-r', 'none.md', 'a.txt'], [/none\.md does not exist/]],
  ] as readonly (readonly [readonly string[], readonly (string | RegExp)[]])[])('%j', async (args, expected) => {
    const mistakes = await refusal(...args);
    for (const one of expected) {
      const fits = mistakes.some((mistake) => (typeof one === 'string' ? mistake === one : one.test(mistake)));
      expect([fits, one, mistakes]).toEqual([true, one, mistakes]);
    }
  });

  test('results that would get in each other’s way, before anything is asked or made', async () => {
    await writeFile(join(workspace.root, 'r.prompt'), '---\noutput: {name: "{{stem}}"}\n---\nSummarise.');
    await workspace.drop('q2/b.md');
    const [mistake] = await refusal('-r', '../r.prompt', 'q1', 'q2', '--out', '../answers');
    expect(mistake).toContain('would both have the result b.md');
  });

  test('a workspace as the folder of the answers', async () => {
    for (const name of ['.sluice', 'outbox', 'failed']) await mkdir(join(workspace.root, name), { recursive: true });
    expect(await refusal('q?', 'a.txt', '--out', '..')).toEqual([expect.stringContaining('is a workspace')]);
  });
});
