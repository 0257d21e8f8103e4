import { hash } from 'node:crypto';
import { isRecord, parseJson } from '../../src/lib/json.ts';
import { answerText } from '../../src/simulator/answer-text.ts';
import type { Aftermath } from './aftermath.ts';
import type { TrialDocument } from './documents.ts';

/** Files by their path below the workspace, each with whether a text is the right one for it. */
type Files = Readonly<Record<string, (text: string) => boolean>>;

/** A document's state in the ledger, with the files that belong to it in this state. */
export interface Belongings {
  readonly id: string;
  readonly state: string;
  /** The states that it may be in. */
  readonly allowed: readonly string[];
  readonly must: Files;
  readonly may: Files;
}

/** A request in doubt is sent again at most this often. */
const RESENT = 2;

export function belongingsOf(aftermath: Aftermath, document: TrialDocument): Belongings {
  const { id } = document;
  const state = aftermath.ledger.versions.find((version) => version.document === id)?.state ?? 'unknown';
  return { id, state, allowed: allowedStates(aftermath, document), ...filesIn(state, aftermath, document) };
}

/** Elsewhere than by its fate it may end only where calls for it are in doubt. */
function allowedStates({ ledger, settings }: Aftermath, { id, ends }: TrialDocument): readonly string[] {
  const doubts = ledger.attempts.filter(({ document, billing }) => document === id && billing === 'in doubt').length;
  return [
    ...ends,
    ...(settings.inDoubt === 'hold' && doubts > 0 ? ['held'] : []),
    ...(doubts > RESENT ? ['failed'] : []),
  ];
}

function filesIn(state: string, { settings }: Aftermath, document: TrialDocument): Pick<Belongings, 'must' | 'may'> {
  switch (state) {
    case 'done':
      return {
        must: {
          ...leftInput(settings.after, document),
          ...resultOf(document),
          ...(settings.receipts === 'all' ? receiptOf(document) : {}),
        },
        may: settings.receipts === 'some' ? receiptOf(document) : {},
      };
    case 'failed':
      return { must: { ...inputIn('inbox', document), ...reportOf(document) }, may: partialOf(document) };
    default:
      return { must: inputIn('inbox', document), may: {} };
  }
}

function leftInput(after: 'keep' | 'archive' | 'delete', document: TrialDocument): Files {
  return after === 'delete' ? {} : inputIn(after === 'keep' ? 'inbox' : 'archive', document);
}

function inputIn(folder: string, { id, text }: TrialDocument): Files {
  return { [`${folder}/${id}`]: (found) => found === text };
}

function resultOf({ id, text }: TrialDocument): Files {
  return { [`outbox/${id}.md`]: (found) => found === answerText(text) };
}

function receiptOf({ id, text }: TrialDocument): Files {
  const isRight = (found: string): boolean => {
    const receipt = parseJson(found);
    return isRecord(receipt) && receipt['document'] === id && receipt['sha256'] === hash('sha256', text);
  };
  return { [`outbox/${id}.md.receipt.json`]: isRight };
}

function reportOf({ id, text }: TrialDocument): Files {
  const isRight = (found: string): boolean => {
    const report = parseJson(found);
    if (!isRecord(report) || !isRecord(report['document'])) return false;
    const { id: told, sha256 } = report['document'];
    // One that could not be read has no hash.
    return told === id && (sha256 === null || sha256 === hash('sha256', text));
  };
  return { [`failed/${id}.error.json`]: isRight };
}

function partialOf({ id }: TrialDocument): Files {
  return { [`failed/${id}.partial.md`]: (found) => found !== '' };
}
