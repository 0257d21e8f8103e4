import type { AttemptRecord, ReplyHead } from '../../src/domain/attempt.ts';
import type { DocumentRef } from '../../src/domain/document.ts';
import { DiskError } from '../../src/domain/errors.ts';
import type {
  BegunAttempt,
  DocumentRecord,
  DocumentVersion,
  EndedAttempt,
  KnownAnswer,
  Ledger,
  Settlement,
  VersionRecord,
} from '../../src/domain/ledger.ts';
import type { Reply } from '../../src/domain/request.ts';

interface Version extends Omit<VersionRecord, 'attempts'> {
  readonly attempts: readonly AttemptRecord[];
  readonly forgiven: number;
  /** The number of the last attempt that was begun. */
  readonly begun: number;
}

type Kept = Omit<Version, 'lastNumber' | 'lastBilling'>;

/**
 * A ledger of Maps, for virtual time. A write is there when the call returns, and its promise is settled by then.
 * `refusals` is how many writes the disk still refuses.
 */
export class MemoryLedger implements Ledger {
  readonly records = new Map<string, DocumentRecord>();
  readonly versions = new Map<string, Kept>();
  readonly answers = new Map<string, KnownAnswer>();
  readonly replies = new Map<string, Reply & { readonly at: string }>();
  readonly paths = new Map<string, string>();
  /** The SHA-256 of each document's current version. */
  readonly current = new Map<string, string>();
  /** What was written, in order. */
  readonly written: string[] = [];
  refusals = 0;

  recall(id: string): DocumentRecord | undefined {
    return this.records.get(id);
  }

  async version(id: string, sha256: string): Promise<VersionRecord | undefined> {
    const version = this.versions.get(`${id} ${sha256}`);
    if (version === undefined) return undefined;
    const { forgiven, attempts, begun: lastNumber, ...rest } = version;
    const lastBilling = attempts.findLast(({ billing }) => billing !== 'none')?.billing ?? null;
    return { ...rest, attempts: attempts.filter(({ number }) => number > forgiven), lastNumber, lastBilling };
  }

  async answer(fingerprint: string, since = ''): Promise<KnownAnswer | undefined> {
    const answer = this.answers.get(fingerprint);
    return answer === undefined || endOf(answer.attempt) < since ? undefined : answer;
  }

  async reply(key: string, since = ''): Promise<Reply | undefined> {
    const kept = this.replies.get(key);
    if (kept === undefined || kept.at < since) return undefined;
    const { text, cut, extras } = kept;
    return { text, cut, extras };
  }

  resultPath(id: string): string | undefined {
    return this.paths.get(id);
  }

  ownerOf(resultPath: string): string | undefined {
    return [...this.paths].find(([, path]) => path === resultPath)?.[0];
  }

  begin({ document, sha256, recipe, number, forgiven }: BegunAttempt): Promise<void> {
    return this.#write(`begin ${document.id} ${number}`, () => {
      const { api, hash } = recipe;
      if (this.current.get(document.id) !== sha256) this.paths.delete(document.id);
      this.#remember({ document, sha256 }, { state: 'pending', api, recipe: hash, dueAt: null, readers: null });
      this.#change(
        { document, sha256 },
        {
          state: 'pending',
          api,
          recipe: hash,
          code: null,
          reason: null,
          readers: null,
          forgiven,
          begun: number,
        },
      );
    });
  }

  head({ document }: DocumentVersion, number: number, { status }: ReplyHead): Promise<void> {
    return this.#write(`head ${document.id} ${number} ${status}`, () => undefined);
  }

  end({ document, sha256, record, answer, reply }: EndedAttempt): Promise<void> {
    return this.#write(`end ${document.id} ${record.number}`, () => {
      const attempts = this.versions.get(`${document.id} ${sha256}`)?.attempts ?? [];
      this.#change({ document, sha256 }, { attempts: [...attempts, record], begun: record.number });
      if (reply !== null) this.replies.set(reply.key, { ...reply, at: endOf(record) });
      if (answer === null) return;
      const { fingerprint, ...given } = answer;
      this.answers.set(fingerprint, { ...given, document: document.id, attempt: record });
    });
  }

  settle(settlement: Settlement): Promise<void> {
    const { document, sha256, state, api } = settlement;
    return this.#write(`${state} ${document.id}`, () => {
      const recipe = settlement.recipe?.hash ?? null;
      const dueAt = settlement.state === 'pending' ? settlement.dueAt : null;
      const { code, reason } = 'code' in settlement ? settlement : { code: null, reason: null };
      const readers = settlement.state === 'done' ? settlement.readers : null;
      this.#remember({ document, sha256 }, { state, api, recipe, dueAt, readers });
      this.#change({ document, sha256 }, { state, api, recipe, code, reason, readers });
      if (settlement.state !== 'done') return;
      this.paths.set(document.id, settlement.result);
      this.#replaceOthers(document.id, sha256);
      this.#change({ document, sha256 }, {}, 'forgive');
    });
  }

  touch({ document, sha256 }: DocumentVersion): Promise<void> {
    return this.#write(`touch ${document.id}`, () => {
      const version = this.versions.get(`${document.id} ${sha256}`);
      if (version !== undefined) this.#remember({ document, sha256 }, { ...version, dueAt: null });
    });
  }

  completeStates(documents: readonly DocumentRef[]): Promise<void> {
    return this.#write(`complete ${documents.map(({ id }) => id).join(' ')}`, () => {
      for (const { id, size, mtimeMs, ctimeMs = null, inode = null } of documents) {
        const record = this.records.get(id);
        if (record?.ctimeMs === null && record.size === size && record.mtimeMs === mtimeMs)
          this.records.set(id, { ...record, ctimeMs, inode });
      }
    });
  }

  reopen(id: string): Promise<void> {
    return this.#write(`reopen ${id}`, () => {
      const record = this.records.get(id);
      if (record === undefined || !['failed', 'pending'].includes(record.state)) return;
      this.records.set(id, { ...record, state: 'pending', dueAt: null });
      const version = { document: { id, ...record }, sha256: this.current.get(id) ?? null };
      this.#change(version, { state: 'pending', code: null, reason: null }, 'forgive');
    });
  }

  async #write(what: string, write: () => void): Promise<void> {
    this.refusals -= 1;
    if (this.refusals >= 0) throw new DiskError('no space left for the ledger');
    this.written.push(what);
    write();
  }

  #remember(
    { document, sha256 }: DocumentVersion,
    status: Pick<DocumentRecord, 'state' | 'api' | 'recipe' | 'dueAt' | 'readers'>,
  ): void {
    const { state, api, recipe, dueAt, readers } = status;
    const { size, mtimeMs, ctimeMs = null, inode = null } = document;
    this.current.set(document.id, sha256 ?? '');
    this.records.set(document.id, { state, size, mtimeMs, ctimeMs, inode, api, recipe, dueAt, readers });
  }

  #replaceOthers(id: string, sha256: string | null): void {
    const others = [...this.versions].filter(([key]) => key.startsWith(`${id} `) && key !== `${id} ${sha256}`);
    for (const [key, version] of others)
      if (version.state === 'done') this.versions.set(key, { ...version, state: 'replaced' });
  }

  #change({ document, sha256 }: DocumentVersion, changes: Partial<Kept>, attempts?: 'forgive'): void {
    const key = `${document.id} ${sha256}`;
    const empty: Kept = {
      state: 'pending',
      api: '',
      recipe: null,
      code: null,
      reason: null,
      readers: null,
      attempts: [],
      forgiven: 0,
      begun: 0,
    };
    const changed = { ...empty, ...this.versions.get(key), ...changes };
    this.versions.set(key, attempts === 'forgive' ? { ...changed, forgiven: changed.begun } : changed);
  }
}

function endOf({ startedAt, seconds }: AttemptRecord): string {
  return new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
}
