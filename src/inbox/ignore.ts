import type { UNREADABLE } from '../domain/ignored.ts';

/** Kinds of entries that are never read, in the words that people see. */
export type IgnoredKind =
  | NameKind
  | 'links'
  | 'pipes, sockets and devices'
  | 'names that are not valid UTF-8'
  | typeof UNREADABLE;

type NameKind =
  | 'folders of other programs'
  | 'names that begin with _'
  | 'hidden names'
  | 'editor and download leftovers';

/** What writes a file under another name gives it its own at the end: downloads, copies, Syncthing. */
const UNFINISHED = /^(?:~syncthing~|\.syncthing\.)|\.(?:tmp|part|partial|crdownload|download)$/i;

const names: readonly { readonly kind: NameKind; readonly pattern: RegExp }[] = [
  { kind: 'folders of other programs', pattern: /^(@eaDir|__MACOSX|\.stfolder|\.stversions)$/ },
  { kind: 'names that begin with _', pattern: /^_/ },
  { kind: 'editor and download leftovers', pattern: /^(\.#|~\$|\.~lock\.)/ },
  { kind: 'editor and download leftovers', pattern: /^(#.*#|.*~|\..*\.sw.|thumbs\.db|desktop\.ini|\.ds_store)$/is },
  { kind: 'editor and download leftovers', pattern: UNFINISHED },
  { kind: 'hidden names', pattern: /^\./ },
];

/** Why files and folders of this name are left alone, or null where the name is a document's. */
export function ignoredName(name: string): NameKind | null {
  return names.find(({ pattern }) => pattern.test(name))?.kind ?? null;
}

/** Whether what has this name is on its way, and will have another one. Not so for what is left alone by its beginning `_`. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name) && ignoredName(name) === 'editor and download leftovers';
}
