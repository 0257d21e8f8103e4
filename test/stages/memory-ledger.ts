import { defer, type Observable, of } from 'rxjs';
import type { AttemptRecord, ReplyHead } from '../../src/domain/attempt.ts';
import { DiskTrouble } from '../../src/domain/errors.ts';
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

interface Version extends Omit<VersionRecord, 'attempts'> {
  readonly attempts: readonly AttemptRecord[];
  readonly forgiven: number;
}

type Kept = Omit<Version, 'lastNumber'>;

/** A ledger of Maps that answers at once, for virtual time. `refusals` is how many writes the disk still refuses. */
export class MemoryLedger implements Ledger {
  readonly records = new Map<string, DocumentRecord>();
  readonly versions = new Map<string, Kept>();
  readonly answers = new Map<string, KnownAnswer>();
  /** What was written, in order. */
  readonly written: string[] = [];
  refusals = 0;

  recall(id: string): DocumentRecord | undefined {
    return this.records.get(id);
  }

  version(id: string, sha256: string): VersionRecord | undefined {
    const version = this.versions.get(`${id} ${sha256}`);
    if (version === undefined) return undefined;
    const { forgiven, attempts, ...rest } = version;
    const lastNumber = attempts.at(-1)?.number ?? forgiven;
    return { ...rest, attempts: attempts.filter(({ number }) => number > forgiven), lastNumber };
  }

  answer(fingerprint: string, since = ''): KnownAnswer | undefined {
    const answer = this.answers.get(fingerprint);
    return answer === undefined || answer.attempt.startedAt < since ? undefined : answer;
  }

  begin({ document, sha256, recipe, number, forgiven }: BegunAttempt): Observable<void> {
    return this.#write(`begin ${document.id} ${number}`, () => {
      const { api, hash } = recipe;
      this.#remember({ document, sha256 }, { state: 'pending', api, recipe: hash, dueAt: null });
      this.#change({ document, sha256 }, { state: 'pending', api, recipe: hash, code: null, reason: null, forgiven });
    });
  }

  head({ document }: DocumentVersion, number: number, { status }: ReplyHead): Observable<void> {
    return this.#write(`head ${document.id} ${number} ${status}`, () => undefined);
  }

  end({ document, sha256, record, answer }: EndedAttempt): Observable<void> {
    return this.#write(`end ${document.id} ${record.number}`, () => {
      const attempts = this.versions.get(`${document.id} ${sha256}`)?.attempts ?? [];
      this.#change({ document, sha256 }, { attempts: [...attempts, record] });
      if (answer === null) return;
      this.answers.set(answer.fingerprint, { text: answer.text, document: document.id, attempt: record });
    });
  }

  settle(settlement: Settlement): Observable<void> {
    const { document, sha256, state, api } = settlement;
    return this.#write(`${state} ${document.id}`, () => {
      const recipe = settlement.recipe?.hash ?? null;
      const dueAt = settlement.state === 'pending' ? settlement.dueAt : null;
      const { code, reason } = 'code' in settlement ? settlement : { code: null, reason: null };
      this.#remember({ document, sha256 }, { state, api, recipe, dueAt });
      this.#change({ document, sha256 }, { state, api, recipe, code, reason });
      if (state === 'done') this.#forgive(`${document.id} ${sha256}`);
    });
  }

  touch({ document, sha256 }: DocumentVersion): Observable<void> {
    return this.#write(`touch ${document.id}`, () => {
      const version = this.versions.get(`${document.id} ${sha256}`);
      if (version !== undefined) this.#remember({ document, sha256 }, { ...version, dueAt: null });
    });
  }

  reopen(id: string): Observable<void> {
    return this.#write(`reopen ${id}`, () => {
      const record = this.records.get(id);
      if (record === undefined) return;
      this.records.set(id, { ...record, state: 'pending', dueAt: null });
      for (const key of this.versions.keys()) if (key.startsWith(`${id} `)) this.#forgive(key);
    });
  }

  #write(what: string, write: () => void): Observable<void> {
    return defer(() => {
      this.refusals -= 1;
      if (this.refusals >= 0) throw new DiskTrouble('no space left for the ledger');
      this.written.push(what);
      return of(write());
    });
  }

  #remember({ document }: DocumentVersion, standing: Pick<DocumentRecord, 'state' | 'api' | 'recipe' | 'dueAt'>): void {
    const { state, api, recipe, dueAt } = standing;
    const { size, mtimeMs } = document;
    this.records.set(document.id, { state, size, mtimeMs, api, recipe, dueAt });
  }

  #change({ document, sha256 }: DocumentVersion, changes: Partial<Kept>): void {
    const key = `${document.id} ${sha256}`;
    const empty: Kept = {
      state: 'pending',
      api: '',
      recipe: null,
      code: null,
      reason: null,
      attempts: [],
      forgiven: 0,
    };
    this.versions.set(key, { ...empty, ...this.versions.get(key), ...changes });
  }

  #forgive(key: string): void {
    const version = this.versions.get(key);
    if (version !== undefined) this.versions.set(key, { ...version, forgiven: version.attempts.at(-1)?.number ?? 0 });
  }
}
