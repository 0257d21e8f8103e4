import { roundUsd } from './usage.ts';

/** What was counted for one document. */
export interface BilledDocument {
  /** Hex SHA-256 of the user message that brought it: of its text, and of its files. */
  readonly document: string;
  /** Calls about it, answered or not. */
  readonly requests: number;
  /** Good answers that were sent to the end. */
  readonly answered: number;
  /** Calls for which the model did its work, whether or not the reply arrived. */
  readonly billed: number;
  readonly costUsd: number;
}

type Account = { -readonly [Name in keyof BilledDocument]: BilledDocument[Name] };

/** Counts, per document, what was delivered and what a real account would have been charged. */
export class DocumentBilling {
  readonly #accounts = new Map<string, Account>();

  /** Counts a call. Returns its number among those of its document, from 1. */
  request(document: string): number {
    const account = this.#accounts.get(document) ?? { document, requests: 0, answered: 0, billed: 0, costUsd: 0 };
    this.#accounts.set(document, account);
    account.requests += 1;
    return account.requests;
  }

  /** `calls` is 0 if money was spent before any model did its work. Nothing happens if the counts were cleared since the call came. */
  bill(document: string, { calls, usd }: { readonly calls: 0 | 1; readonly usd: number }): void {
    const account = this.#accounts.get(document);
    if (account === undefined) return;
    account.billed += calls;
    account.costUsd += usd;
  }

  has(document: string): boolean {
    return this.#accounts.has(document);
  }

  /** Nothing happens if the counts were cleared since the call came. */
  answered(document: string): void {
    const account = this.#accounts.get(document);
    if (account !== undefined) account.answered += 1;
  }

  documents(): readonly BilledDocument[] {
    return Array.from(this.#accounts.values(), (account) => ({ ...account, costUsd: roundUsd(account.costUsd) }));
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
