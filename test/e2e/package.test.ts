import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { publint } from 'publint';
import { setTheStage } from './stage.ts';

jest.setTimeout(120_000);

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MOST_BYTES = 4_000_000;
const run = promisify(execFile);
const stage = setTheStage(afterAll);

let tarball: Buffer;
/** Where the package was unpacked, with the one library beside it that is not in the bundle. */
let folder: string;
let installed: string;

beforeAll(async () => {
  folder = await stage.folder();
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: REPOSITORY });
  const [file = ''] = await readdir(folder);
  tarball = await readFile(join(folder, file));
  await run('tar', ['-xzf', file], { cwd: folder });
  await mkdir(join(folder, 'node_modules'));
  installed = join(folder, 'node_modules/sluice');
  await rename(join(folder, 'package'), installed);
  await symlink(join(REPOSITORY, 'node_modules/libsql'), join(folder, 'node_modules/libsql'));
});

test('holds the program, what it exports, licences and schemas, and is small', async () => {
  const files = await readdir(installed, { recursive: true });
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/sluice.js', 'dist/types/index.d.ts']),
  );
  expect(files.filter((name) => /\.map$|\.tsx?$|built/.test(name) && !name.endsWith('.d.ts'))).toEqual([]);
  expect(tarball.length).toBeLessThan(MOST_BYTES);
});

test('has the licence of all that is bundled', async () => {
  const licences = await readFile(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const { devDependencies } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
  const bundled = Object.keys(devDependencies).filter((name) => name !== 'esbuild');
  const named = new Set(Array.from(licences.matchAll(/^-{80}\n(\S+) /gm), ([, name]) => name));
  expect(bundled.filter((name) => !named.has(name))).toEqual([]);
  expect(licences).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
});

test('works with nothing beside it but libsql, PDFs too', async () => {
  const root = join(folder, 'workspace');
  await mkdir(join(root, 'inbox'), { recursive: true });
  await mkdir(join(root, 'recipes'));
  await writeFile(join(root, 'recipes/default.prompt'), '---\nsluice:\n  pdf: text\n---\n{{document}}');
  const pdf = await readFile(join(REPOSITORY, 'examples/tables-from-pdfs/inbox/bakery.pdf'));
  await writeFile(join(root, 'inbox/bakery.pdf'), pdf);
  const { PATH = '', HOME = '' } = process.env;
  const args = ['--once', '--root', root, '--api', 'simulator', '--settle', '0'];
  await run(join(installed, 'dist/main.js'), args, { cwd: folder, env: { PATH, HOME } });
  expect(existsSync(join(root, 'outbox/bakery.pdf.md'))).toBe(true);
  const script = "const { startSimulator } = await import('sluice'); await (await startSimulator()).close();";
  await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
});

test('publint finds nothing', async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages).toEqual([]);
});

test('its types are found by programs that import it', async () => {
  const { problems } = { problems: [], ...(await checkPackage(createPackageFromTarballData(tarball))) };
  // CommonJS, and TypeScript before modules had exports, are not served.
  const ofModules = problems.filter(
    (problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
  );
  expect(ofModules).toEqual([]);
});
