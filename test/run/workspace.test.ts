import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { type FolderName, prepareWorkspace, type WorkspaceSettings } from '../../src/run/workspace.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { filesBelow, makeFolder } from './workspaces.ts';

let home: string;

const settingsOf = (
  folders: Partial<Record<FolderName, string>> = {},
  root = join(home, 'watch'),
): WorkspaceSettings => ({
  root,
  rootIsDefault: true,
  after: 'keep',
  archive: join(root, 'archive'),
  inbox: join(root, 'inbox'),
  outbox: join(root, 'outbox'),
  failed: join(root, 'failed'),
  ...folders,
  named: new Set(['inbox', 'outbox', 'failed'].filter((name): name is FolderName => name in folders)),
});

const refusal = (settings: WorkspaceSettings): string => {
  try {
    prepareWorkspace(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error instanceof Error ? error.message : '';
  }
  return 'none';
};

beforeEach(() => {
  home = makeFolder();
});

describe('preparing a workspace', () => {
  test('makes the default one, and says so; the second time there is nothing to say', () => {
    expect(prepareWorkspace(settingsOf())).toEqual([`Made the workspace ${join(home, 'watch')}.`]);
    expect(filesBelow(join(home, 'watch'))).toEqual(['failed', 'inbox', 'outbox']);
    expect(prepareWorkspace(settingsOf())).toEqual([]);
  });

  test('makes the folders of a workspace that is there', () => {
    mkdirSync(join(home, 'mine'));
    expect(prepareWorkspace({ ...settingsOf({}, join(home, 'mine')), rootIsDefault: false })).toEqual([]);
    expect(filesBelow(join(home, 'mine'))).toEqual(['failed', 'inbox', 'outbox']);
  });

  test('refuses a named workspace that does not exist, and makes nothing', () => {
    expect(refusal({ ...settingsOf(), rootIsDefault: false })).toBe(
      `The workspace ${join(home, 'watch')} (--root) does not exist. Make it (the command init does), or name another.`,
    );
    expect(filesBelow(home)).toEqual([]);
  });

  test.each(['inbox', 'outbox', 'failed'] as const)('refuses a named %s that does not exist', (name) => {
    expect(refusal(settingsOf({ [name]: join(home, 'typo') }))).toContain(`(--${name}) does not exist`);
    expect(existsSync(join(home, 'typo'))).toBe(false);
  });

  test.each(['inbox', 'outbox', 'failed'] as const)('refuses a file as %s', (name) => {
    writeFileSync(join(home, 'file'), '');
    expect(refusal(settingsOf({ [name]: join(home, 'file') }))).toBe(
      `The ${name} folder ${join(home, 'file')} is a file, not a folder.`,
    );
    expect(refusal(settingsOf({ [name]: join(home, 'file/below') }))).toContain('does not exist');
  });

  test('refuses a file as workspace', () => {
    writeFileSync(join(home, 'watch'), '');
    expect(refusal(settingsOf())).toBe(`The workspace ${join(home, 'watch')} is a file, not a folder.`);
  });

  test('refuses a dangling link as a folder', () => {
    mkdirSync(join(home, 'watch'));
    symlinkSync(join(home, 'nowhere'), join(home, 'watch/outbox'));
    expect(refusal(settingsOf())).toContain('The outbox');
  });

  test('follows a link to a folder', () => {
    mkdirSync(join(home, 'watch'));
    mkdirSync(join(home, 'shared'));
    symlinkSync(join(home, 'shared'), join(home, 'watch/outbox'));
    expect(prepareWorkspace(settingsOf())).toEqual([]);
  });
});

describe('folders must be apart', () => {
  beforeEach(() => {
    for (const name of ['in', 'in/out', 'other']) mkdirSync(join(home, name));
  });

  test.each([
    ['outbox in inbox', { inbox: 'in', outbox: 'in/out' }, 'The outbox folder'],
    ['inbox in outbox', { inbox: 'in/out', outbox: 'in' }, 'The inbox folder'],
    ['failed in inbox', { inbox: 'in', failed: 'in/out' }, 'The failed folder'],
    ['inbox in failed', { inbox: 'in/out', failed: 'in' }, 'The inbox folder'],
    ['failed in outbox', { outbox: 'in', failed: 'in/out' }, 'The failed folder'],
    ['outbox is inbox', { inbox: 'in', outbox: 'in' }, 'is the'],
    ['outbox is failed', { outbox: 'other', failed: 'other' }, 'is the'],
    ['inbox is the workspace', { inbox: 'watch' }, 'lies in the inbox folder'],
  ])('%s', (_what, folders, message) => {
    const paths = Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, join(home, folder)]));
    expect(refusal(settingsOf(paths))).toContain(message);
  });

  test('through a link too', () => {
    symlinkSync(join(home, 'in/out'), join(home, 'link'));
    expect(refusal(settingsOf({ inbox: join(home, 'in'), outbox: join(home, 'link') }))).toContain(
      'They must be apart.',
    );
  });

  test('a name that begins like another is apart', () => {
    mkdirSync(join(home, 'in-2'));
    expect(prepareWorkspace(settingsOf({ inbox: join(home, 'in'), outbox: join(home, 'in-2') }))).toHaveLength(1);
  });
});

describe('folders must be open to us', () => {
  test.each([0o000, 0o444, 0o333])('an inbox that cannot be read is refused: mode %i', (mode) => {
    prepareWorkspace(settingsOf());
    chmodSync(join(home, 'watch/inbox'), mode);
    expect(asNobody(() => refusal(settingsOf()))).toContain(
      `The inbox folder ${join(home, 'watch/inbox')} cannot be read`,
    );
  });

  test.each(['outbox', 'failed'])('a folder that cannot be written to is refused: %s', (name) => {
    prepareWorkspace(settingsOf());
    for (const folder of ['outbox', 'failed']) chmodSync(join(home, 'watch', folder), folder === name ? 0o555 : 0o777);
    expect(asNobody(() => refusal(settingsOf()))).toContain(
      `The ${name} folder ${join(home, 'watch', name)} cannot be written to`,
    );
  });

  test('a read-only disk is refused', () => {
    const disk = mountDisk('size=64k,ro');
    if (disk === null) return;
    expect(refusal(settingsOf({ outbox: disk }))).toContain('EROFS');
  });
});

const leaving = (after: 'archive' | 'delete', settings = settingsOf()): WorkspaceSettings => ({ ...settings, after });

describe('a workspace whose inputs leave', () => {
  test('gets an archive if they are archived', () => {
    prepareWorkspace(leaving('archive'));
    expect(filesBelow(join(home, 'watch'))).toEqual(['archive', 'failed', 'inbox', 'outbox']);
    expect(prepareWorkspace(leaving('archive'))).toEqual([]);
  });

  test('gets none if they are deleted', () => {
    prepareWorkspace(leaving('delete'));
    expect(filesBelow(join(home, 'watch'))).toEqual(['failed', 'inbox', 'outbox']);
  });

  test.each(['inbox', 'outbox', 'failed'] as const)('keeps the archive apart from the %s', (name) => {
    mkdirSync(join(home, 'watch/archive/below'), { recursive: true });
    const settings = settingsOf({ [name]: join(home, 'watch/archive/below') });
    expect(refusal(leaving('archive', settings))).toContain('They must be apart.');
    expect(refusal(settings)).toBe('none');
  });

  test('refuses a file in the place of the archive', () => {
    prepareWorkspace(settingsOf());
    writeFileSync(join(home, 'watch/archive'), '');
    expect(refusal(leaving('archive'))).toBe(
      `The archive folder ${join(home, 'watch/archive')} is a file, not a folder.`,
    );
    expect(refusal(leaving('delete'))).toBe('none');
  });

  test.each([
    ['inbox', 'lets no file go'],
    ['archive', 'cannot be written to'],
  ])('refuses a folder that lets none in or out: %s', (name, words) => {
    prepareWorkspace(leaving('archive'));
    for (const folder of ['inbox', 'outbox', 'failed', 'archive']) chmodSync(join(home, 'watch', folder), 0o777);
    chmodSync(join(home, 'watch', name), 0o555);
    const refused = `The ${name} folder ${join(home, 'watch', name)} ${words}: EACCES`;
    expect(asNobody(() => refusal(leaving('archive')))).toContain(refused);
    expect(asNobody(() => refusal(settingsOf()))).toBe('none');
  });
});

test('folders that cannot be told apart are refused', () => {
  mkdirSync(join(home, 'closed/in'), { recursive: true });
  mkdirSync(join(home, 'watch'));
  chmodSync(join(home, 'closed'), 0o000);
  const said = asNobody(() => refusal(settingsOf({ inbox: join(home, 'closed/in') })));
  chmodSync(join(home, 'closed'), 0o755);
  expect(said).toContain(`The inbox folder ${join(home, 'closed/in')} cannot be looked at: EACCES`);
});

/** Root may do everything: as root the work is done with the rights of `nobody`. */
function asNobody<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  chmodSync(home, 0o755);
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
