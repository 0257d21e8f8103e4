import { LEFT_OUT } from '../domain/events.ts';
import type { Options } from '../domain/options.ts';
import type { InboxEntry } from './entry.ts';
import { isFolderDocument } from './folder-document.ts';

/** @default every document counts */
export type SelectionOptions = Partial<Pick<Options, 'include' | 'exclude'>>;

/**
 * Whether a document counts, by its id: some glob of `include` matches it, or there is none, and no glob of `exclude`
 * does. A glob without `/` is one over names, in every folder; one that ends in `/` means all below a folder, or a folder
 * that is one document.
 */
export function selection({ include = [], exclude = [] }: SelectionOptions): (id: string) => boolean {
  if (include.length + exclude.length === 0) return () => true;
  const included = include.map(matcherOf);
  const excluded = exclude.map(matcherOf);
  return (id) =>
    (included.length === 0 || included.some((matches) => matches(id))) && !excluded.some((matches) => matches(id));
}

function matcherOf(glob: string): (id: string) => boolean {
  const name = glob.replace(/^\.?\/+/, '');
  const path = name.replace(/\/$/, '').includes('/') || glob !== name ? name : `**/${name}`;
  const matches = globMatcher(path.endsWith('/') ? `${path}**` : path);
  return (id) => matches(id) || (isFolderDocument(id) && matches(`${id}/`));
}

/** An entry as a run takes it: a document that does not count is ignored. */
export function selecting(options: SelectionOptions): (entry: InboxEntry) => InboxEntry {
  const counts = selection(options);
  return (entry) =>
    entry.kind === 'document' && !counts(entry.document.id) ? { kind: 'ignored', reason: LEFT_OUT } : entry;
}

const PARTS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** Whether a path matches a glob: `*` and `?` stop at `/`, `**` does not; all else stands for itself. */
export function globMatcher(glob: string): (path: string) => boolean {
  const source = glob.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (part) => PARTS[part] ?? `\\${part}`);
  const pattern = new RegExp(`^${source}$`, 'su');
  return (path) => pattern.test(path);
}
