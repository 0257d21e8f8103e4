import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { probeMoving } from '../../src/run/workspace.ts';
import { filesBelow, makeFolder } from './workspaces.ts';

test('leaves nothing', () => {
  const folder = makeFolder();
  mkdirSync(join(folder, 'mine'));
  probeMoving(folder);
  expect(filesBelow(folder)).toEqual(['mine']);
});

test('throws if nothing can be made', () => {
  expect(() => probeMoving(join(makeFolder(), 'gone'))).toThrow('ENOENT');
});
