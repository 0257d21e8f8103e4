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

const names: readonly { readonly kind: NameKind; readonly pattern: RegExp }[] = [
  { kind: 'folders of other programs', pattern: /^(@eaDir|__MACOSX|\.stfolder|\.stversions)$/ },
  { kind: 'names that begin with _', pattern: /^_/ },
  { kind: 'editor and download leftovers', pattern: /^(\.#|~\$|\.~lock\.|~syncthing~|\.syncthing\.)/ },
  { kind: 'editor and download leftovers', pattern: /^(#.*#|.*~|\..*\.sw.|thumbs\.db|desktop\.ini|\.ds_store)$/is },
  { kind: 'editor and download leftovers', pattern: /\.(tmp|part|partial|crdownload|download)$/i },
  { kind: 'hidden names', pattern: /^\./ },
];

/** Why files and folders of this name are left alone, or null where the name is a document's. */
export function ignoredName(name: string): NameKind | null {
  return names.find(({ pattern }) => pattern.test(name))?.kind ?? null;
}
