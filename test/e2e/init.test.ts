import { spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { STARTER_RECIPES } from '../../src/cli/init/starter-recipes.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { filesIn } from './scene.ts';
import { setTheStage, WITHOUT_PRIVILEGES } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

describe('a new workspace', () => {
  test.each(Object.keys(STARTER_RECIPES))('works as it is: %s', async (kind) => {
    const workspace = await stage.workspace();
    const { root } = workspace;
    expect(await stage.run(['init', root, '--recipe', kind])).toMatchObject({ code: 0, stderr: '' });
    await workspace.drop('letter.md', '# A letter\n\nDear all, the shop is closed on Monday.');
    await workspace.drop('q1/offer.pdf', pdfFile(['Offer no. 7: twelve chairs at 40.00']));
    const { code, summary } = await stage.run([
      '--once',
      '--json',
      '--root',
      root,
      '--api',
      'simulator',
      '--settle',
      '0',
    ]);
    expect({ code, ...summary }).toMatchObject({ code: 0, documents: 2, succeeded: 2 });
    const ending = ['extract', 'classify'].includes(kind) ? 'json' : 'md';
    expect(await filesIn(workspace.outbox())).toEqual([`letter.md.${ending}`, `q1/offer.pdf.${ending}`]);
  });

  test('the commands that it names are understood', async () => {
    const folder = await stage.folder();
    const { stdout } = await stage.run(['init', 'my papers'], { currentFolder: folder });
    const [trial = ''] = stdout.split('\n').filter((line) => line.startsWith('    '));
    expect(trial).toMatch(/ --test --api simulator --root 'my papers'$/);
    expect(spawnSync('bash', ['-c', trial], { cwd: folder })).toMatchObject({ status: 0 });
  });

  test('where nothing can be written, that is said', async () => {
    const folder = await stage.folder();
    await chmod(folder, 0o555);
    const refused = await stage.run(['init', join(folder, 'new')], WITHOUT_PRIVILEGES);
    await chmod(folder, 0o755);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/cannot be made: EACCES/) });
  });
});
