import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { BegunAttempt, DocumentVersion, EndedAttempt, Ledger, Settlement } from '../../src/domain/ledger.ts';

export const API = 'https://api.test/v1';
/** Made of a document that was read whole, and by no reader. */
export const READ = { leftOut: {}, readers: [] };
export const RECIPE = { hash: 'a'.repeat(64), name: 'default', model: 'test/model', api: API };

/** `bytes` stands for what the document says. */
export function versionOf(id: string, bytes = 'x'): DocumentVersion {
  const file = { size: 100, mtimeMs: 1_700_000_000_000.25, ctimeMs: 1_700_000_000_500.5, inode: 7 };
  return { document: { id, ...file }, sha256: bytes.repeat(64).slice(0, 64) };
}

export function begunOf(version: DocumentVersion, number = 1, fields: Partial<BegunAttempt> = {}): BegunAttempt {
  const startedAt = '2026-03-31T10:00:00.000Z';
  return {
    ...version,
    recipe: RECIPE,
    number,
    startedAt,
    bodySha256: 'b'.repeat(64),
    forgiven: 0,
    reservedUsd: 0.05,
    ...fields,
  };
}

export function recordOf(number = 1, fields: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number,
    startedAt: '2026-03-31T10:00:00.000Z',
    seconds: 1.5,
    status: 200,
    code: 'answered',
    message: 'Answered.',
    provider: 'Provider',
    generationId: `gen-${number}`,
    model: 'test/model-1',
    billing: 'known',
    costUsd: 0.001,
    costFrom: 'told',
    promptTokens: 100,
    cachedTokens: null,
    completionTokens: 20,
    verdict: 'answer',
    counts: true,
    ...fields,
  };
}

export function refusedOf(number: number, fields: Partial<AttemptRecord> = {}): AttemptRecord {
  const none = { provider: null, generationId: null, model: null, costUsd: null, costFrom: null, promptTokens: null };
  const refused = { status: 503, code: 'unavailable', message: 'Later.', billing: 'none', verdict: 'retry' } as const;
  return recordOf(number, { ...none, ...refused, completionTokens: null, ...fields });
}

export function answeredOf(version: DocumentVersion, text: string, number = 1, fingerprint = 'f'): EndedAttempt {
  return endedOf(version, recordOf(number), { answer: { fingerprint, text, extras: {}, notes: [], ...READ } });
}

/** An attempt that ended, and brought nothing but what `fields` say. */
export function endedOf(
  version: DocumentVersion,
  record: AttemptRecord,
  fields: Partial<EndedAttempt> = {},
): EndedAttempt {
  return { ...version, record, answer: null, reply: null, ...fields };
}

export function doneOf(
  version: DocumentVersion,
  fingerprint: string | null = 'f',
  result = `${version.document.id}.md`,
): Settlement {
  return { ...version, api: API, recipe: RECIPE, state: 'done', result, fingerprint, reused: false, readers: [] };
}

/** A document's life from its first attempt to its result. */
export async function workOff(ledger: Ledger, version: DocumentVersion, text: string, number = 1): Promise<void> {
  await ledger.begin(begunOf(version, number));
  await ledger.head(version, number, { status: 200, generationId: `gen-${number}` });
  await ledger.end(answeredOf(version, text, number));
  await ledger.settle(doneOf(version));
}
