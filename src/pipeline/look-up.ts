import { concatMap, defaultIfEmpty, type Observable, of } from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent } from '../domain/document.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { Seat } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { Call, Question, Turn } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { hasResult, isStale } from './document-status.ts';
import { fingerprintOf, makeReady } from './prepare-request.ts';
import { givenUp, neverArrived } from './retry-policy.ts';
import { callUp } from './send.ts';
import { type History, NO_HISTORY, type Work } from './work-item.ts';

/** Reads the document, and asks unless the ledger knows better. */
export function turn(ports: AskPorts, settings: AskSettings, work: Work, recipe: Recipe, seat: Seat): Observable<Turn> {
  const { bulk, gate } = ports;
  return bulk.hold(work.document.size, gate.closing, (share) =>
    // One after the other: what was read is let go of when the call is ready.
    ready(ports, settings, work, recipe).pipe(
      concatMap((made) => (made.kind === 'call' ? callUp(ports, settings, made, seat, share) : of(made))),
      defaultIfEmpty<Turn, Turn>({ kind: 'unsent' }),
    ),
  );
}

function ready(ports: AskPorts, settings: AskSettings, work: Work, recipe: Recipe): Observable<Turn | Call> {
  const { inbox, gate, disk } = ports;
  return inbox.read(work.document).pipe(
    concatMap((outcome): Observable<Turn | Call> => {
      if (outcome.kind !== 'read') return of({ kind: 'unread', outcome });
      const { content } = outcome;
      const question = questionOf(content, recipe);
      return disk
        .look(() => lookUp(ports, settings, work, question), gate.closing)
        .pipe(
          concatMap((found) => ('kind' in found ? of(found) : makeReady(ports, settings, found, question, content))),
        );
    }),
  );
}

function questionOf({ document, sha256 }: DocumentContent, recipe: Recipe): Question {
  return { document, sha256, recipe, fingerprint: fingerprintOf({ document, sha256 }, recipe) };
}

/** Why nothing need be asked; or the work with the attempts of earlier runs. */
function lookUp(ports: AskPorts, settings: AskSettings, work: Work, question: Question): Turn | Work {
  const { ledger, flights } = ports;
  const { sha256, fingerprint } = question;
  const { id } = question.document;
  // What was never seen has no versions: most documents come once.
  const version = ledger.recall(id) === undefined ? undefined : ledger.version(id, sha256);
  if (version !== undefined && stands(ports, settings, work, question, version))
    return { kind: 'known', question, version };

  const answer = ledger.answer(fingerprint, work.redo ? settings.startedAt : undefined);
  if (answer !== undefined) return { kind: 'answered', question, answer, attempts: ownAttempts(id, answer, version) };

  const caughtUp = sha256 === work.sha256 ? work : { ...work, ...historyOf(work, version), sha256 };
  const why = givenUp(settings, caughtUp.attempts);
  if (why !== null) return { kind: 'given up', question, work: caughtUp, why };

  const boarding = flights.board(fingerprint, id);
  switch (boarding.kind) {
    case 'leads':
      return caughtUp;
    case 'waits':
      return { kind: 'same', landing: boarding.landing };
    case 'shares': {
      const reason = `the same bytes were asked as ${boarding.with}, in vain: ${boarding.why.reason}`;
      return { kind: 'given up', question, work: caughtUp, why: { ...boarding.why, reason } };
    }
  }
}

function ownAttempts(
  id: string,
  { document, attempt: answered }: KnownAnswer,
  version: VersionRecord | undefined,
): readonly AttemptRecord[] {
  if (document !== id) return [];
  const attempts = version?.attempts ?? [];
  return attempts.length > 0 ? attempts : [answered];
}

/** Whether what became of these bytes before is the last word on them. */
function stands(
  ports: AskPorts,
  { redo }: AskSettings,
  work: Work,
  { document, recipe }: Question,
  version: VersionRecord,
): boolean {
  if (work.redo || version.api !== recipe.api) return false;
  const stale = isStale(version, recipe);
  switch (version.state) {
    case 'done':
      return hasResult(ports, document, recipe, stale) && !(stale && redo === 'stale');
    case 'failed':
      return !work.afresh && ports.outbox.failedVersion(document.id) !== null;
    case 'held':
      return !work.afresh;
    case 'pending':
    case 'replaced':
      return false;
  }
}

function historyOf({ afresh, redo }: Work, version: VersionRecord | undefined): History {
  if (version === undefined) return NO_HISTORY;
  const { attempts, lastNumber, lastBilling } = version;
  if (afresh || redo) return { attempts: [], lastNumber, forgiven: lastNumber, lastBilling };
  const forgiven = (attempts[0]?.number ?? lastNumber + 1) - 1;
  return { attempts: attempts.filter((made) => !neverArrived(made)), lastNumber, forgiven, lastBilling };
}
