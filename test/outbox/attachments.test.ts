import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import type { Attachment } from '../../src/domain/recipe.ts';
import type { ReplyExtras, ResultPlace } from '../../src/domain/request.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { createOutbox, type FolderOutbox } from '../../src/outbox/outbox.ts';
import { failingDisk, filesBelow, makeFolder } from './support.ts';

let root: string;
let outbox: FolderOutbox;

const outboxWith = (disk: Disk): FolderOutbox =>
  createOutbox({
    results: join(root, 'outbox'),
    failures: join(root, 'failed'),
    program: 'sluice 1.2.3',
    receipts: true,
    disk,
  });

const placeOf = (name: string, ending = '.md'): ResultPlace => ({ name, ending });
const file = (id: string, text = 'text') => outbox.fileResult(id, placeOf(id), text);

beforeEach(() => {
  root = makeFolder();
  outbox = outboxWith(realDisk);
});

const extras: ReplyExtras = {
  reasoning: 'Let me see.',
  reasoningTokens: 3,
  annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example' } }],
  images: [
    { mediaType: 'image/png', base64: Buffer.from([0, 1, 254, 255]).toString('base64') },
    { mediaType: 'image/jpeg', base64: '' },
    { mediaType: 'image/tiff', base64: 'AAAA' },
  ],
};
const ALL: readonly Attachment[] = ['reasoning', 'annotations', 'images'];
const keep = (id: string, what = ALL, of = extras) => outbox.fileAttachments(placeOf(id), what, of);

describe('attachments', () => {
  test('lie beside their result', async () => {
    await file('a');
    await keep('a');
    expect(filesBelow(join(root, 'outbox'))).toEqual([
      'a.md',
      'a.md.annotations.json',
      'a.md.image-1.png',
      'a.md.image-2.jpg',
      'a.md.image-3.bin',
      'a.md.reasoning.md',
    ]);
    expect(readFileSync(join(root, 'outbox/a.md.reasoning.md'), 'utf8')).toBe('Let me see.');
    expect(JSON.parse(readFileSync(join(root, 'outbox/a.md.annotations.json'), 'utf8'))).toEqual(extras.annotations);
    expect([...readFileSync(join(root, 'outbox/a.md.image-1.png'))]).toEqual([0, 1, 254, 255]);
  });

  test.each<[string, readonly Attachment[], ReplyExtras, readonly string[]]>([
    ['what is asked for', ['reasoning'], extras, ['a.md', 'a.md.reasoning.md']],
    ['nothing where nothing is asked for', [], extras, ['a.md']],
    ['nothing where nothing came', ALL, {}, ['a.md']],
    ['nothing of what is empty', ALL, { reasoning: '', annotations: [], images: [] }, ['a.md']],
  ])('are %s', async (_, what, of, files) => {
    await file('a');
    await keep('a', what, of);
    expect(filesBelow(join(root, 'outbox'))).toEqual(files);
  });

  test('do not outlive their result', async () => {
    await file('a', 'first');
    await keep('a');
    await file('a', 'second');
    expect(filesBelow(join(root, 'outbox'))).toEqual(['a.md']);
  });

  test.each(['x'.repeat(233), 'x'.repeat(255), '😀'.repeat(63)])('have room for their names: %j', async (id) => {
    const places = [placeOf(id, '.json'), placeOf(id, '.markdown')];
    for (const place of places) {
      await outbox.fileResult(id, place, 'text');
      await outbox.fileAttachments(place, ALL, extras);
    }
    expect(filesBelow(join(root, 'outbox'))).toHaveLength(12);
    for (const place of places) await outbox.fileResult(id, place, 'text');
    expect(filesBelow(join(root, 'outbox'))).toHaveLength(2);
  });

  test('share their names with no result', async () => {
    const places = [
      placeOf('a'),
      placeOf('a.md.reasoning'),
      placeOf('a.md.annotations', '.json'),
      placeOf('a.md.image-1', '.png'),
      placeOf('a', '.srt'),
      placeOf('a.srt.reasoning'),
      placeOf('a.srt.receipt', '.json'),
    ];
    for (const place of places) {
      await outbox.fileResult(place.name, place, place.name);
      await outbox.fileAttachments(place, ['reasoning', 'annotations'], extras);
    }
    for (const place of places) {
      const path = outbox.resultOf(place)?.path ?? '';
      expect(readFileSync(join(root, 'outbox', path), 'utf8')).toBe(place.name);
    }
    expect(filesBelow(join(root, 'outbox'))).toHaveLength(places.length * 3);
  });

  test.each([
    ['ENOSPC', DiskError],
    ['ENAMETOOLONG', PathError],
  ])('are written whole or not at all: %s', async (code, Kind) => {
    outbox = outboxWith(failingDisk('rename', code));
    await expect(keep('a', ['reasoning'])).rejects.toThrow(Kind);
    expect(filesBelow(join(root, 'outbox'))).toEqual([]);
  });
});
