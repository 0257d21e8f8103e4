import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskTrouble, UsageError } from '../../src/domain/errors.ts';
import { type ExportSettings, exportResults } from '../../src/queries/export-results.ts';
import { readLedgerOf } from '../../src/queries/read-ledger-of.ts';
import { RECEIPT_COLUMNS } from '../../src/report/export-row.ts';
import { FilledLedger, versionOf } from '../support/filled-ledger.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { Workspace } from '../support/workspace.ts';

describe('exportResults', () => {
  let workspace: Workspace;
  let filled: FilledLedger;

  beforeEach(async () => {
    workspace = await Workspace.make();
    filled = await FilledLedger.open(workspace.root);
  });
  afterEach(async () => {
    await filled.close();
    await workspace.remove();
  });

  const exportTo = (settings: ExportSettings) =>
    readLedgerOf(workspace.root, (reader) => exportResults(reader, settings));

  async function exported(format: 'csv' | 'jsonl', terminal = false): Promise<string> {
    const stdout = Object.assign(new PassThrough(), { isTTY: terminal });
    const all = text(stdout);
    await exportTo({ format, file: null, stdout });
    stdout.end();
    return all;
  }

  test('CSV has a header, and a row for each result', async () => {
    await filled.answer(versionOf('b, "c".txt'), 'Two\nlines.');
    await filled.answer(versionOf('a.txt'), 'One.');
    const rest =
      'acme/small-2,100,20,0.25,0,0.5,1,2026-03-31T10:00:01.500Z,acme/small,https://api.test/v1,Acme,gen-1,letters.md,recipe-hash';
    expect((await exported('csv')).split('\r\n')).toEqual([
      ['document', 'answer', ...RECEIPT_COLUMNS].join(','),
      `a.txt,One.,${rest},a.txt.md,sha-of-a.txt,1234,print-sha-of-a.txt,`,
      `"b, ""c"".txt","Two\nlines.",${rest},"b, ""c"".txt.md","sha-of-b, ""c"".txt",1234,"print-sha-of-b, ""c"".txt",`,
      '',
    ]);
  });

  test('CSV has a column for each field that any JSON answer has', async () => {
    await filled.answer(versionOf('a.txt'), '{"sum": 1, "from": {"name": "A"}}');
    await filled.answer(versionOf('b.txt'), '{"paid": true}');
    await filled.answer(versionOf('c.txt'), 'No JSON.');
    const rows = (await exported('csv')).split('\r\n').map((row) => row.split(',').slice(0, 6));
    expect(rows.slice(0, 4)).toEqual([
      ['document', 'answer.sum', 'answer.from.name', 'answer.paid', 'answer', 'model'],
      ['a.txt', '1', 'A', '', '', 'acme/small-2'],
      ['b.txt', '', '', 'true', '', 'acme/small-2'],
      ['c.txt', '', '', '', 'No JSON.', 'acme/small-2'],
    ]);
  });

  test('CSV of no results is its header; JSON lines of none are nothing', async () => {
    expect(await exported('csv')).toBe(`${['document', 'answer', ...RECEIPT_COLUMNS].join(',')}\r\n`);
    expect(await exported('jsonl')).toBe('');
  });

  test('JSON lines nest the answer', async () => {
    await filled.answer(versionOf('a.txt'), '{"from": {"name": "A"}}');
    await filled.answer(versionOf('b.txt'), 'Text.');
    const lines = (await exported('jsonl')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { document: 'a.txt', answer: { from: { name: 'A' } }, costUsd: 0.25 },
      { document: 'b.txt', answer: 'Text.', model: 'acme/small-2' },
    ]);
  });

  test('a terminal is shown nothing that it would obey', async () => {
    await filled.answer(versionOf('a.txt'), 'Red: \u001B[31m');
    expect(await exported('csv', true)).not.toContain('\u001B');
    expect(await exported('csv', false)).toContain('\u001B');
    expect(await exported('jsonl', true)).not.toContain('\u001B');
  });

  test('writes a file', async () => {
    await filled.answer(versionOf('a.txt'), 'One.');
    const file = join(workspace.root, 'results.jsonl');
    const stdout = new PassThrough();
    await exportTo({ format: 'jsonl', file, stdout });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ document: 'a.txt', answer: 'One.' });
    expect(stdout.readableLength).toBe(0);
  });

  test('a file that cannot be made is a mistake', async () => {
    const exporting = exportTo({
      format: 'csv',
      file: join(workspace.root, 'none', 'a.csv'),
      stdout: new PassThrough(),
    });
    await expect(exporting).rejects.toBeInstanceOf(UsageError);
    await expect(exporting).rejects.toThrow(/--output .*a\.csv cannot be written: ENOENT/);
  });

  test('a full disk is trouble', async () => {
    const disk = mountDisk('size=8k');
    if (disk === null) return;
    await filled.answer(versionOf('a.txt'), 'x'.repeat(100_000));
    const exporting = exportTo({ format: 'csv', file: join(disk, 'a.csv'), stdout: new PassThrough() });
    await expect(exporting).rejects.toBeInstanceOf(DiskTrouble);
  });

  test.each(['csv', 'jsonl'] as const)(
    'waits for a slow reader of %s, and ends quietly when it leaves',
    async (format) => {
      const ids = Array.from({ length: 300 }, (_, index) => `${index}.txt`);
      await Promise.all(ids.map((id) => filled.answer(versionOf(id), 'x'.repeat(2000))));
      const gate = new PassThrough();
      let taken = 0;
      const reader = new Writable({
        write(chunk: Buffer, _, done) {
          taken += chunk.length;
          gate.once('data', (words) =>
            done(String(words) === 'go' ? null : Object.assign(new Error('left'), { code: 'EPIPE' })),
          );
          gate.emit('took');
        },
      });
      const took = once(gate, 'took');
      const exporting = exportTo({ format, file: null, stdout: reader });
      await took;
      gate.write('leave');
      await exporting;
      expect(taken).toBeLessThan(300 * 2000);
    },
  );
});
