import { posix } from 'node:path';
import { LEFT_OUT } from '../domain/events.ts';
import type { Options } from '../domain/options.ts';
import { globMatcher } from '../lib/globs.ts';
import type { InboxEntry } from './entry.ts';
import { isFolderDocument } from './folder-document.ts';

/** @default every document counts */
export type SelectionOptions = Partial<Pick<Options, 'include' | 'exclude'>>;

type Matcher = (id: string) => boolean;

/**
 * Which documents count, by their ids: some glob of `include` matches it, or there is none, and no glob of `exclude`
 * does. A glob without `/` is one over names, in every folder; one that ends in `/` means all below a folder, or a folder
 * that is one document.
 */
export class Selection {
  readonly #included: readonly Matcher[];
  readonly #excluded: readonly Matcher[];
  readonly #unmatched: Map<string, Matcher>;

  constructor({ include = [], exclude = [] }: SelectionOptions) {
    this.#included = include.map(matcherOf);
    this.#excluded = exclude.map(matcherOf);
    const flags = [...include.map((glob) => `--include '${glob}'`), ...exclude.map((glob) => `--exclude '${glob}'`)];
    this.#unmatched = new Map(
      [...this.#included, ...this.#excluded].map((matches, index) => [flags[index] ?? '', matches]),
    );
  }

  /** The globs that matched no document so far, each with its flag. */
  get unmatched(): readonly string[] {
    return [...this.#unmatched.keys()];
  }

  counts(id: string): boolean {
    for (const [flag, matches] of this.#unmatched) if (matches(id)) this.#unmatched.delete(flag);
    const isIncluded = this.#included.length === 0 || this.#included.some((matches) => matches(id));
    return isIncluded && !this.#excluded.some((matches) => matches(id));
  }

  /** An entry as a run takes it: a document that does not count is ignored. */
  entry(entry: InboxEntry): InboxEntry {
    return entry.kind === 'document' && !this.counts(entry.document.id) ? { kind: 'ignored', reason: LEFT_OUT } : entry;
  }
}

/** Whether a glob means a document, by its id. */
export function matcherOf(glob: string): Matcher {
  const name = glob.replace(/^\.?\/+/, '');
  const isAnywhere = glob === name && !name.replace(/\/$/, '').includes('/');
  if (isAnywhere && !name.endsWith('/')) {
    const matches = globMatcher(name);
    return (id) => matches(posix.basename(id));
  }
  const path = isAnywhere ? `**/${name}` : name;
  const matches = globMatcher(path.endsWith('/') ? `${path}**` : path);
  return (id) => matches(id) || (isFolderDocument(id) && matches(`${id}/`));
}
