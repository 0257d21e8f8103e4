import { join } from 'node:path';
import { type AttemptRecord, unheard } from '../../src/domain/attempt.ts';
import type { Provenance } from '../../src/domain/document.ts';
import type { DocumentVersion, RecipeIdentity, Settlement } from '../../src/domain/ledger.ts';
import { type FileLedger, openLedger } from '../../src/ledger/open.ts';

export const RECIPE: RecipeIdentity = {
  hash: 'recipe-hash',
  name: 'letters.md',
  model: 'acme/small',
  api: 'https://api.test/v1',
};

/** Nothing was left out, and no reader was needed. */
const WHOLE: Provenance = { leftOut: {}, readers: [] };

/** A whole attempt that was answered, unless `fields` say otherwise. */
export function attemptOf(number: number, fields: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number,
    startedAt: `2026-03-31T10:00:0${number}.000Z`,
    seconds: 0.5,
    status: 200,
    code: 'answered',
    message: 'It was answered.',
    provider: 'Acme',
    generationId: `gen-${number}`,
    model: 'acme/small-2',
    billing: 'known',
    costUsd: 0.25,
    costFrom: 'told',
    promptTokens: 100,
    cachedTokens: null,
    completionTokens: 20,
    verdict: 'answer',
    counts: true,
    ...fields,
  };
}

/** One that brought nothing and cost nothing. */
export function failedAttempt(number: number, fields: Partial<AttemptRecord> = {}): AttemptRecord {
  const nothing = { costUsd: 0, promptTokens: null, completionTokens: null, provider: null, model: null } as const;
  const refused = { status: 503, code: 'server-error', message: 'The server has trouble.' } as const;
  return attemptOf(number, { ...nothing, ...refused, billing: 'none', verdict: 'retry', ...fields });
}

/** One of which nobody heard. */
export function doubtfulAttempt(number: number): AttemptRecord {
  const startedAt = `2026-03-31T10:00:0${number}.000Z`;
  return unheard({ number, startedAt, seconds: 3, code: 'connection-reset', message: 'The connection broke.' });
}

export function versionOf(
  id: string,
  fields: Partial<DocumentVersion['document'] & { sha256: string }> = {},
): DocumentVersion {
  const { sha256 = `sha-of-${id}`, ...stat } = fields;
  return { document: { id, size: 1234, mtimeMs: 1_700_000_000_000.25, ...stat }, sha256 };
}

/** The real ledger of a workspace, with words for what tests let happen in it. */
export class FilledLedger {
  readonly ledger: FileLedger;

  private constructor(ledger: FileLedger) {
    this.ledger = ledger;
  }

  static async open(root: string): Promise<FilledLedger> {
    return new FilledLedger(await openLedger(join(root, '.sluice')));
  }

  async begin(version: DocumentVersion, number = 1, recipe = RECIPE, forgiven = 0): Promise<void> {
    const startedAt = `2026-03-31T10:00:0${number}.000Z`;
    const bodySha256 = `body-${number}`;
    await this.ledger.begin({ ...version, recipe, number, startedAt, bodySha256, forgiven, reservedUsd: null });
  }

  /** Begins and ends attempts; the last one brings `text`, where there is one. */
  async attempts(
    version: DocumentVersion,
    records: readonly AttemptRecord[],
    text: string | null = null,
    provenance: Provenance = WHOLE,
  ): Promise<void> {
    for (const record of records) {
      await this.begin(version, record.number);
      const answer =
        text !== null && record === records.at(-1)
          ? { fingerprint: `print-${version.sha256}`, text, extras: {}, notes: [], ...provenance }
          : null;
      await this.ledger.end({ ...version, record, answer, reply: null });
    }
  }

  /** A document that is done. */
  async answer(
    version: DocumentVersion,
    text: string,
    records = [attemptOf(1)],
    provenance: Provenance = WHOLE,
  ): Promise<void> {
    await this.attempts(version, records, text, provenance);
    await this.settle(version, { ...this.done(version), reused: false, readers: provenance.readers });
  }

  /** A document that is done by the answer of another with the same bytes. */
  async reuse(version: DocumentVersion, { readers }: Provenance = WHOLE): Promise<void> {
    await this.settle(version, { ...this.done(version), reused: true, readers });
  }

  async fail(version: DocumentVersion, code = 'server-error', records = [failedAttempt(1)]): Promise<void> {
    await this.attempts(version, records);
    await this.settle(version, { state: 'failed', code, reason: `It failed: ${code}.` });
  }

  async hold(version: DocumentVersion): Promise<void> {
    await this.attempts(version, [doubtfulAttempt(1)]);
    await this.settle(version, { state: 'held', code: 'in-doubt', reason: 'It may have been billed.' });
  }

  async settle(version: DocumentVersion, outcome: Outcome): Promise<void> {
    await this.ledger.settle({ ...version, api: RECIPE.api, recipe: RECIPE, ...outcome });
  }

  close(): Promise<void> {
    return this.ledger.close();
  }

  done({ document, sha256 }: DocumentVersion) {
    return { state: 'done', result: `${document.id}.md`, fingerprint: `print-${sha256}` } as const;
  }
}

type Outcome = Settlement extends infer One
  ? One extends Settlement
    ? Omit<One, keyof DocumentVersion | 'api' | 'recipe'>
    : never
  : never;
