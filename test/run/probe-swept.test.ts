import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

/** Not imported: what is imported under jest holds on to the calls that it found there first. */
const fs = process.getBuiltinModule('node:fs');
const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-probe-'));
const { unlinkSync } = fs;
/** Called before a file is removed. */
let beforeRemoval: (path: string) => void = () => undefined;

fs.unlinkSync = (path) => {
  beforeRemoval(String(path));
  unlinkSync(path);
};
syncBuiltinESMExports();
afterAll(() => {
  fs.unlinkSync = unlinkSync;
  syncBuiltinESMExports();
  fs.rmSync(folder, { recursive: true });
});

test('a probe that the holder of the workspace swept was written all the same', async () => {
  const { probeWriting } = await import('../../src/run/workspace.ts');
  const swept: string[] = [];
  beforeRemoval = (path) => {
    swept.push(path);
    unlinkSync(path);
  };
  probeWriting(folder);
  expect(swept).toHaveLength(1);
});

test('a probe that cannot be removed is an error', async () => {
  const { probeWriting } = await import('../../src/run/workspace.ts');
  beforeRemoval = () => {
    throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
  };
  expect(() => probeWriting(folder)).toThrow('EIO');
});
