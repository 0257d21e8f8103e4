import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type DocumentRef, isSameState, type ReadOutcome } from '../../src/domain/document.ts';
import { createInbox } from '../../src/inbox/inbox.ts';
import { readDocument } from '../../src/inbox/read.ts';
import { asOrdinaryUser, clockMovesOn, makeFolder, settingsOf } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

const referenceTo = (id: string): DocumentRef => {
  const { size, mtimeMs, ctimeMs, ino: inode } = lstatSync(join(root, id));
  return { id, size, mtimeMs, ctimeMs, inode };
};

const read = (document: DocumentRef, maxBytes = 1_000_000): Promise<ReadOutcome> =>
  readDocument({ root, maxBytes }, document);

const setBack = (path: string): void => utimesSync(path, 1e9, 1e9);

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('reading', () => {
  test.each([
    ['small', 'grün\0\n'],
    ['large', 'grün\0\n'.repeat(100_000)],
  ])('a %s file comes whole, with the hash of its bytes, whatever they are', async (_name, text) => {
    await mkdir(join(root, 'q1'));
    await writeFile(join(root, 'q1/a.txt'), text);
    const document = referenceTo('q1/a.txt');
    const files = [{ name: 'a.txt', bytes: Buffer.from(text) }];
    expect(await read(document)).toEqual({ kind: 'read', content: { document, sha256: sha256(text), files } });
  });

  test('the inbox may itself be reached through a link', async () => {
    await mkdir(join(root, 'real'));
    await writeFile(join(root, 'real/a.txt'), 'text');
    await symlink('real', join(root, 'inbox'));
    const outcome = await readDocument(
      { root: join(root, 'inbox'), maxBytes: 100 },
      { ...referenceTo('real/a.txt'), id: 'a.txt' },
    );
    expect(outcome.kind).toBe('read');
  });

  test('each reading of the port looks again', async () => {
    await writeFile(join(root, 'a.txt'), 'text');
    const inbox = createInbox(settingsOf(root));
    const document = referenceTo('a.txt');
    expect(await inbox.read(document)).toMatchObject({ kind: 'read' });
    await rm(join(root, 'a.txt'));
    expect(await inbox.read(document)).toEqual({ kind: 'gone' });
  });
});

describe('what can never be sent', () => {
  test('an empty file is refused, with its hash', async () => {
    await writeFile(join(root, 'a.txt'), '');
    expect(await read(referenceTo('a.txt'))).toEqual({
      kind: 'refused',
      code: 'empty',
      reason: expect.stringMatching(/\.$/),
      sha256: sha256(''),
    });
  });

  test('a file at the size limit is read, one byte more is refused', async () => {
    await writeFile(join(root, 'a.txt'), 'abc');
    expect(await read(referenceTo('a.txt'), 3)).toMatchObject({ kind: 'read' });
    expect(await read(referenceTo('a.txt'), 2)).toMatchObject({ code: 'too-large', sha256: null });
  });

  test('a huge sparse file is refused before it is read', async () => {
    await writeFile(join(root, 'a.txt'), '');
    await truncate(join(root, 'a.txt'), 50e9);
    expect(await read(referenceTo('a.txt'))).toMatchObject({ code: 'too-large' });
  });

  test('a link is not followed', async () => {
    await symlink('/etc/passwd', join(root, 'a.txt'));
    expect(await read({ id: 'a.txt', size: 1, mtimeMs: 1 })).toMatchObject({ kind: 'refused', code: 'link' });
  });

  test('a folder that became a link to outside is not followed', async () => {
    const outside = await makeFolder();
    await mkdir(join(root, 'sub'));
    await writeFile(join(root, 'sub/a.txt'), 'mine');
    const document = referenceTo('sub/a.txt');
    await writeFile(join(outside, 'a.txt'), 'secr');
    utimesSync(join(outside, 'a.txt'), document.mtimeMs / 1000, document.mtimeMs / 1000);
    await rename(join(root, 'sub'), join(root, 'old'));
    await symlink(outside, join(root, 'sub'));
    expect(await read(referenceTo('sub/a.txt'))).toMatchObject({ kind: 'refused', code: 'link', sha256: null });
  });

  test('a pipe that no one writes to does not hold the reader', async () => {
    execFileSync('mkfifo', [join(root, 'a.txt')]);
    expect(await read(referenceTo('a.txt'))).toMatchObject({ kind: 'refused', code: 'not-a-file' });
  });

  test('a folder is not read', async () => {
    await mkdir(join(root, 'a.txt'));
    expect(await read(referenceTo('a.txt'))).toMatchObject({ kind: 'refused', code: 'not-a-file' });
  });

  test('a socket is not read', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(root, 'a.txt'), resolve);
    });
    expect(await read(referenceTo('a.txt'))).toMatchObject({ kind: 'refused', code: 'not-a-file' });
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  test('a file without read permission is refused', async () => {
    await writeFile(join(root, 'a.txt'), 'text');
    await chmod(join(root, 'a.txt'), 0);
    const outcome = await asOrdinaryUser(() => read(referenceTo('a.txt')));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'unreadable', reason: expect.stringMatching(/permission/) });
  });
});

describe('what changed', () => {
  test('a file that vanished is gone', async () => {
    expect(await read({ id: 'a.txt', size: 1, mtimeMs: 1 })).toEqual({ kind: 'gone' });
    await writeFile(join(root, 'sub'), '');
    expect(await read({ id: 'sub/a.txt', size: 1, mtimeMs: 1 })).toEqual({ kind: 'gone' });
  });

  test.each(['size', 'mtimeMs'] as const)('a file of another %s than was found is overtaken', async (property) => {
    await writeFile(join(root, 'a.txt'), 'text');
    const document = referenceTo('a.txt');
    expect(await read({ ...document, [property]: document[property] + 1 })).toMatchObject({ kind: 'overtaken' });
  });

  test('a large file that grows while it is read is overtaken', async () => {
    await writeFile(join(root, 'a.txt'), 'a'.repeat(500_000));
    const reading = read(referenceTo('a.txt'));
    appendFileSync(join(root, 'a.txt'), 'b');
    expect(await reading).toMatchObject({ kind: 'overtaken' });
  });

  test('a large file that is cut while it is read is overtaken', async () => {
    await writeFile(join(root, 'a.txt'), 'a'.repeat(500_000));
    const reading = read(referenceTo('a.txt'));
    truncateSync(join(root, 'a.txt'), 10);
    expect(await reading).toMatchObject({ kind: 'overtaken' });
  });

  test.each([
    ['linked', 'text', (path: string) => linkSync(path, `${path}-too`)],
    ['given other rights', 'text', (path: string) => chmodSync(path, 0o600)],
    ['moved away and back', 'text', (path: string) => [renameSync(path, `${path}-`), renameSync(`${path}-`, path)]],
    ['written anew with the same bytes', 'text', (path: string) => writeFileSync(path, 'text')],
    ['written anew with others', 'TEXT', (path: string) => writeFileSync(path, 'TEXT')],
    [
      'replaced',
      'TEXT',
      (path: string) => [writeFileSync(`${path}-`, 'TEXT'), setBack(`${path}-`), renameSync(`${path}-`, path)],
    ],
  ])(
    'a file that was %s since it was found, its size and mtime as they were, is read as it is now',
    async (_, text, touch) => {
      const path = join(root, 'a.txt');
      writeFileSync(path, 'text');
      setBack(path);
      const document = referenceTo('a.txt');
      await clockMovesOn(root);
      touch(path);
      setBack(path);
      expect(isSameState(document, referenceTo('a.txt'))).toBe(false);
      const files = [{ name: 'a.txt', bytes: Buffer.from(text) }];
      // With the state in which it was found, so that the next scan looks at it once more.
      expect(await read(document)).toEqual({ kind: 'read', content: { document, sha256: sha256(text), files } });
    },
  );

  test('a large file that is written over again and again, its size and mtime as they were, is never read in two states', async () => {
    const path = join(root, 'a.txt');
    const size = 900_000;
    let writes = 0;
    const states = new Set<string>();
    const write = (): void => {
      const text = String.fromCharCode(97 + (writes % 26)).repeat(size);
      writes += 1;
      states.add(sha256(text));
      writeFileSync(path, text, { flag: 'r+' });
      setBack(path);
    };
    writeFileSync(path, '');
    write();
    const document = referenceTo('a.txt');
    const writing = setInterval(write, 1);
    const outcomes: ReadOutcome[] = [];
    for (let time = 0; time < 40; time += 1)
      outcomes.push(...(await Promise.all([read(document), read(document), read(document)])));
    clearInterval(writing);
    const seen = outcomes.flatMap((outcome) => (outcome.kind === 'read' ? outcome.content.sha256 : []));
    expect(seen.filter((state) => !states.has(state))).toEqual([]);
    expect(outcomes.map(({ kind }) => kind)).toContain('overtaken');
    expect(await read(document)).toMatchObject({ kind: 'read' });
  });

  test('what the system lacks at the moment is told in words, for a later scan', async () => {
    expect(await read({ id: 'a'.repeat(300), size: 1, mtimeMs: 1 })).toEqual({
      kind: 'overtaken',
      reason: expect.stringMatching(/could not be read at the moment: ENAMETOOLONG/),
    });
  });
});
