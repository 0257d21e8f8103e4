import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadEnvironment } from '../../../src/cli/options/sources.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-env-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('.env adds variables and overrides none', async () => {
  await writeFile(join(folder, '.env'), '\uFEFFSLUICE_MODEL=from-file\nSLUICE_RETRIES="7" # seven\n');
  expect(loadEnvironment(folder, { SLUICE_MODEL: 'real' })).toEqual({ SLUICE_MODEL: 'real', SLUICE_RETRIES: '7' });
});

test('without .env the environment stays as it is', () => {
  expect(loadEnvironment(folder, { PATH: '/bin' })).toEqual({ PATH: '/bin' });
});

test('a folder named .env is none', async () => {
  await mkdir(join(folder, '.env'));
  expect(loadEnvironment(folder, { PATH: '/bin' })).toEqual({ PATH: '/bin' });
});

test('a .env that cannot be read is refused', async () => {
  await symlink('.env', join(folder, '.env'));
  expect(() => loadEnvironment(folder, {})).toThrow(
    expect.objectContaining({ name: 'UsageError', message: expect.stringContaining('.env cannot be read') }),
  );
});
