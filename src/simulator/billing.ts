import type { ContentInput } from './content-input.ts';
import { engineUsd, type FileEngine } from './file-engine.ts';
import { roundUsd } from './usage.ts';

/** What one document came to. Who asks must not change it. */
export interface BilledDocument {
  /** Hex SHA-256 of the user message that brought it: of its text, and of its files. */
  readonly document: string;
  /** Calls that named it, whatever came of them. */
  readonly requests: number;
  /** Good answers that were sent to the end. */
  readonly answered: number;
  /** Calls for which the model did its work, whether or not the reply arrived. */
  readonly billed: number;
  readonly costUsd: number;
}

interface Account {
  requests: number;
  answered: number;
  billed: number;
  costUsd: number;
}

/** Counts per document what a real account would have been charged, apart from what was delivered. */
export class BillingBook {
  readonly #accounts = new Map<string, Account>();

  /** Counts a call and tells which of its document's it is, from 1. */
  request(document: string): number {
    const account = this.#accounts.get(document) ?? { requests: 0, answered: 0, billed: 0, costUsd: 0 };
    this.#accounts.set(document, account);
    account.requests += 1;
    return account.requests;
  }

  bill(document: string, costUsd: number): void {
    const account = this.#accounts.get(document);
    if (account === undefined) return;
    account.billed += 1;
    account.costUsd += costUsd;
  }

  /** What was done before any model was asked. */
  charge(document: string, costUsd: number): void {
    const account = this.#accounts.get(document);
    if (account !== undefined) account.costUsd += costUsd;
  }

  has(document: string): boolean {
    return this.#accounts.has(document);
  }

  /** Says nothing where the books were cleared since the call came. */
  answered(document: string): void {
    const account = this.#accounts.get(document);
    if (account !== undefined) account.answered += 1;
  }

  documents(): readonly BilledDocument[] {
    return Array.from(this.#accounts, ([document, account]) => billedDocument(document, account));
  }

  /** Null where no call named it. */
  document(document: string): BilledDocument | null {
    const account = this.#accounts.get(document);
    return account === undefined ? null : billedDocument(document, account);
  }

  totals(): { readonly requests: number; readonly billed: number; readonly costUsd: number } {
    const totals = { requests: 0, billed: 0, costUsd: 0 };
    for (const account of this.#accounts.values()) {
      totals.requests += account.requests;
      totals.billed += account.billed;
      totals.costUsd += account.costUsd;
    }
    return { ...totals, costUsd: roundUsd(totals.costUsd) };
  }

  clear(): void {
    this.#accounts.clear();
  }
}

function billedDocument(document: string, account: Account): BilledDocument {
  return { document, ...account, costUsd: roundUsd(account.costUsd) };
}

/** What became of one file that had to be parsed for a model. */
interface ParsedFile {
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
