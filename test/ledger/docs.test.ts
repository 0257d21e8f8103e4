import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { openLedger } from '../../src/ledger/open.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { begunOf, endedOf, recordOf, versionOf, workOff } from './lives.ts';
import { makeFolder } from './support.ts';

const DOCS = readFileSync(fileURLToPath(new URL('../../docs/ledger.md', import.meta.url)), 'utf8');

/** What a heading of the docs lists in the first column of its table. */
function columnsUnder(heading: string): readonly string[] {
  const section = DOCS.slice(DOCS.indexOf(heading)).split('\n### ')[0] ?? '';
  const cells = section.split('\n').filter((line) => line.startsWith('| `'));
  return cells.flatMap((line) => line.split('|')[1]?.match(/(?<=`)\w+(?=`)/g) ?? []);
}

test('every query that the docs give to people finds what it is for', async () => {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  await workOff(ledger, versionOf('q1/report.md'), 'An answer.');
  const doubtful = versionOf('doubtful');
  const startedAt = new Date().toISOString();
  await ledger.begin(begunOf(doubtful, 1, { startedAt }));
  await ledger.end(
    endedOf(doubtful, recordOf(1, { startedAt, billing: 'in doubt', costUsd: null, promptTokens: 10.5 })),
  );
  const why = { state: 'failed', code: 'in-doubt', reason: 'It may have been billed.' } as const;
  await ledger.settle({ ...doubtful, api: 'a', recipe: null, ...why });
  await ledger.begin(begunOf(versionOf('in-flight')));

  const [, sql = ''] = /```sql\n(.*?)```/s.exec(DOCS) ?? [];
  const queries = sql.split(';').filter((query) => query.includes('SELECT'));
  const database = openDatabase(join(folder, 'ledger.db'), { readonly: true });
  expect(queries.map((query) => database.prepare(query).all())).toEqual([
    [
      { document: 'q1/report.md', state: 'done', code: null, due_at: null },
      { document: 'doubtful', state: 'failed', code: 'in-doubt', due_at: null },
      { document: 'in-flight', state: 'pending', code: null, due_at: null },
    ],
    [{ document: 'doubtful', code: 'in-doubt', reason: 'It may have been billed.' }],
    [{ model: 'test/model', 'sum(attempts)': 1, 'sum(cost_usd)': 0, 'sum(cost_unknown_attempts)': 1 }],
    [{ document: 'doubtful', number: 1, sending_at: startedAt, code: 'answered', generation_id: 'gen-1' }],
    [{ text: 'An answer.' }],
  ]);
  const attempts =
    'SELECT number, ended_at IS NULL AS open, prompt_tokens, typeof(prompt_tokens) AS type FROM attempts';
  expect(database.prepare(attempts).all()).toEqual([
    { number: 1, open: 0, prompt_tokens: 100, type: 'integer' },
    { number: 1, open: 0, prompt_tokens: 10.5, type: 'real' },
    { number: 1, open: 1, prompt_tokens: null, type: 'null' },
  ]);
  for (const [heading, table] of [
    ['### `versions`', 'versions'],
    ['### `attempts`', 'attempts'],
  ] as const) {
    const columns = database.prepare<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`).all();
    const undocumented = columns.map(({ name }) => name).filter((name) => !columnsUnder(heading).includes(name));
    expect(undocumented).toEqual(table === 'versions' ? ['version_id'] : []);
  }
  database.close();
  await ledger.close();
});
