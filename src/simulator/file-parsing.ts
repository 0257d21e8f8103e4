import { asArray, asObject, isRecord } from '../lib/json.ts';
import type { CatalogueModel } from './catalogue.ts';
import type { ContentInput } from './content-input.ts';

/** What reads a PDF for a model. */
export type FileEngine = 'native' | 'cloudflare-ai' | 'mistral-ocr';

const PAGE_USD = 0.002;

/** The engine that a request's plugins name; null if they name none. */
export function fileEngine(plugins: unknown): FileEngine | null {
  const parser = asArray(plugins)
    .filter(isRecord)
    .find(({ id }) => id === 'file-parser');
  const engine = parser?.['enabled'] === false ? undefined : asObject(parser?.['pdf'])['engine'];
  if (engine === 'pdf-text') return 'cloudflare-ai';
  return engine === 'native' || engine === 'cloudflare-ai' || engine === 'mistral-ocr' ? engine : null;
}

/** If the request names none: `native` for models that take files, the engine that costs money for all others. */
export function engineFor(engine: FileEngine | null, { architecture }: CatalogueModel): FileEngine {
  return engine ?? (architecture.input_modalities.includes('file') ? 'native' : 'mistral-ocr');
}

/** How often one file was parsed for models. */
interface ParsedFile {
  /** Hex SHA-256 of its bytes. */
  readonly file: string;
  readonly engine: FileEngine;
  readonly pages: number;
  /** How often it was parsed. */
  readonly parsed: number;
  /** How often it was not, as the result of an earlier call was sent along. */
  readonly spared: number;
}

/** The result of parsing the files of one call. */
export interface Parsing {
  /** As in a reply; empty if nothing was parsed. */
  readonly annotations: readonly object[];
  /** USD. */
  readonly cost: number;
}

export const NO_PARSING: Parsing = { annotations: [], cost: 0 };

/** Parses files, and counts how often. */
export class ParseCounts {
  readonly #files = new Map<string, ParsedFile>();

  parse(inputs: readonly ContentInput[], engine: FileEngine, parsedBefore: ReadonlySet<string>): Parsing {
    const files = inputs.filter(({ kind }) => kind === 'file');
    if (files.length === 0 || engine === 'native') return NO_PARSING;
    for (const { sha256: file, pages } of files) {
      const { parsed, spared } = this.#files.get(file) ?? { parsed: 0, spared: 0 };
      const counts = parsedBefore.has(file) ? { parsed, spared: spared + 1 } : { parsed: parsed + 1, spared };
      this.#files.set(file, { file, engine, pages, ...counts });
    }
    const unparsed = files.filter(({ sha256 }) => !parsedBefore.has(sha256));
    const pages = unparsed.reduce((sum, file) => sum + file.pages, 0);
    return { annotations: unparsed.map(annotation), cost: engine === 'mistral-ocr' ? pages * PAGE_USD : 0 };
  }

  files(): readonly ParsedFile[] {
    return [...this.#files.values()];
  }

  clear(): void {
    this.#files.clear();
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
