import { concat, concatMap, defer, map, merge, type Observable, of, take } from 'rxjs';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DocumentContent, ReadOutcome } from '../domain/document.ts';
import type { DocumentRecord, Recipe } from '../domain/ports.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import type { Ruling } from './first-attempts.ts';
import type { Work } from './work.ts';

/** What happens while a document holds a permit, in the order of time. */
export type Turn =
  /** Nothing was sent. */
  | { readonly kind: 'unread'; readonly outcome: Exclude<ReadOutcome, { kind: 'read' }> }
  /** Only the file's mtime had changed: nothing was sent. */
  | { readonly kind: 'known'; readonly content: DocumentContent; readonly record: DocumentRecord }
  /** A call starts. `at` is monotonic milliseconds. */
  | { readonly kind: 'started'; readonly at: number }
  | { readonly kind: 'ended'; readonly content: DocumentContent; readonly at: number; readonly ruling: Ruling };

/** Reads the document, and asks unless its very bytes were answered (or failed) before. */
export function turn(ports: AskPorts, settings: AskSettings, work: Work, recipe: Recipe): Observable<Turn> {
  return ports.inbox.read(work.document).pipe(
    concatMap((outcome): Observable<Turn> => {
      if (outcome.kind !== 'read') return of({ kind: 'unread', outcome });
      const { content } = outcome;
      const record = knownVersion(ports, settings, work, content);
      return record === null ? call(ports, settings, work, recipe, content) : of({ kind: 'known', content, record });
    }),
  );
}

function knownVersion(
  { ledger, outbox }: AskPorts,
  { api }: AskSettings,
  { document, redo }: Work,
  { sha256 }: DocumentContent,
): DocumentRecord | null {
  const record = redo ? undefined : ledger.recall(document.id);
  if (record === undefined || record.sha256 !== sha256) return null;
  const stands =
    record.state === 'done'
      ? record.api === api && outbox.resultTime(document.id) !== null
      : outbox.failedVersion(document.id) !== null;
  return stands ? record : null;
}

function call(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  recipe: Recipe,
  content: DocumentContent,
): Observable<Turn> {
  const { gate, llm, firstAttempts } = ports;
  return defer(() => {
    const at = settings.clock.now();
    const number = work.history.length + 1;
    const cut = gate.cutting.pipe(map(() => cutOff(number, Math.round(settings.clock.now() - at) / 1000)));
    const ended = merge(llm.attempt(recipe.render(content), number), cut).pipe(
      take(1),
      map((outcome): Turn => {
        const ruling = firstAttempts.rule(recipe.model, outcome);
        return { kind: 'ended', content, at, ruling };
      }),
    );
    return concat(of<Turn>({ kind: 'started', at }), ended);
  });
}

/** A call that was in flight when the run had to end at once: it left, and nobody will hear the reply. */
function cutOff(number: number, seconds: number): AttemptOutcome {
  const record = {
    number,
    startedAt: new Date(Date.now() - seconds * 1000).toISOString(),
    seconds,
    status: null,
    code: 'cut-off',
    message: 'the run was stopped while the call was in flight; it may have been billed',
    provider: null,
    generationId: null,
    model: null,
    billing: 'in doubt',
    costUsd: null,
    promptTokens: null,
    completionTokens: null,
    verdict: 'retry',
  } as const;
  const verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: true } as const;
  return { record, verdict, answer: null, partial: null };
}
