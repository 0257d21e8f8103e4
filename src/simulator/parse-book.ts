import type { ContentInput } from './content-input.ts';
import { engineUsd, type FileEngine } from './file-engine.ts';

/** What became of one file that had to be parsed for a model. */
export interface ParsedFile {
  /** Hex SHA-256 of its bytes. */
  readonly file: string;
  readonly engine: FileEngine;
  readonly pages: number;
  /** How often it was parsed. */
  readonly parsed: number;
  /** How often it was not, because what was parsed before was sent along. */
  readonly spared: number;
}

/** What parsing the files of one call came to. */
export interface Parsing {
  /** As a reply tells them; none where nothing was parsed. */
  readonly annotations: readonly object[];
  /** USD. */
  readonly cost: number;
}

export const NO_PARSING: Parsing = { annotations: [], cost: 0 };

/** Parses files, and counts how often. */
export class ParseBook {
  readonly #files = new Map<string, ParsedFile>();

  parse(inputs: readonly ContentInput[], engine: FileEngine, parsedBefore: ReadonlySet<string>): Parsing {
    const files = inputs.filter(({ kind }) => kind === 'file');
    if (files.length === 0 || engine === 'native') return NO_PARSING;
    for (const file of files) this.#count(file, engine, parsedBefore.has(file.sha256));
    const anew = files.filter(({ sha256 }) => !parsedBefore.has(sha256));
    return {
      annotations: anew.map(annotation),
      cost: engineUsd(
        engine,
        anew.reduce((sum, { pages }) => sum + pages, 0),
      ),
    };
  }

  files(): readonly ParsedFile[] {
    return [...this.#files.values()];
  }

  clear(): void {
    this.#files.clear();
  }

  #count({ sha256: file, pages }: ContentInput, engine: FileEngine, isSpared: boolean): void {
    const { parsed, spared } = this.#files.get(file) ?? { parsed: 0, spared: 0 };
    const now = isSpared ? { parsed, spared: spared + 1 } : { parsed: parsed + 1, spared };
    this.#files.set(file, { file, engine, pages, ...now });
  }
}

function annotation({ sha256, name, text }: ContentInput): object {
  const content = [
    { type: 'text', text: `<file name="${name}">` },
    { type: 'text', text },
    { type: 'text', text: '</file>' },
  ];
  return { type: 'file', file: { hash: sha256, ...(name !== '' && { name }), content } };
}
