import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { onceOver, setTheStage } from './stage.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

jest.setTimeout(60_000);

describe('sluice export', () => {
  const stage = setTheStage();

  test('writes a row for each result; ends quietly when its reader leaves, and with a word where no room is left', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const ids = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(3, '0')}.txt`);
    for (const id of ids) await workspace.drop(id);
    await stage.run(onceOver(workspace, simulator, '--concurrency', '50'));

    const lines = await stage.run(['export', '--format', 'jsonl', '--root', workspace.root]);
    expect(lines).toMatchObject({ code: 0, stderr: '' });
    const rows = lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(rows.map((row) => row['document'])).toEqual(ids);
    expect(rows[0]?.['answer']).toBe(await workspace.result('000.txt'));

    const command = `"${process.execPath}" "${MAIN}" export --format csv --root "${workspace.root}"`;
    const sayCode = 'echo "code $?" >&2';
    const { stdout, stderr } = spawnSync('sh', ['-c', `{ ${command}; ${sayCode}; } | head -n 1`], { encoding: 'utf8' });
    expect(stdout).toMatch(/^document,answer,model,promptTokens,.*\r\n$/);
    expect(stderr).toBe('code 0\n');

    const full = spawnSync('sh', ['-c', `${command} > /dev/full; ${sayCode}`], { encoding: 'utf8' });
    expect(full.stderr).toMatch(/^sluice: Standard output cannot be written: ENOSPC.*\ncode 6\n$/);
    // So do all others, which do not look at what they print.
    const other = spawnSync('sh', [
      '-c',
      `${command.replace(' export --format csv', ' status')} > /dev/full; ${sayCode}`,
    ]);
    expect(String(other.stderr)).toMatch(/^sluice: Standard output cannot be written: ENOSPC.*\ncode 6\n$/);
  });

  test('ends with a word where no answer has the list whose items are to be rows', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    await stage.run(onceOver(workspace, simulator));
    const args = ['export', '--format', 'csv', '--rows', 'lines', '--root', workspace.root];
    const { code, stdout, stderr } = await stage.run(args);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: 'sluice: --rows lines: no answer has such a list. None has any list.\n',
    });
  });
});
