import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerText } from '../../src/simulator/answer-text.ts';
import type { Aftermath, Finding, Run } from './aftermath.ts';
import type { TrialDocument } from './documents.ts';

/** Whether a run found its ledger damaged, said so, and began another. */
export function hasRebuilt({ complaint }: Run): boolean {
  return complaint.includes('THE LEDGER WAS DAMAGED');
}

/** What must hold then, with the history lost: results and inputs are all there, and nothing was paid for twice. */
export function brokenAfterRebuilding({ root, documents, billing }: Aftermath): readonly Finding[] {
  const twice = billing.filter(({ billed }) => billed > 1);
  return [
    ...documents.flatMap((document) => checkDocument(root, document)),
    ...twice.map(({ document, billed }): Finding => ({ kind: 'paid', what: `${document} was billed ${billed} times` })),
  ];
}

function checkDocument(root: string, { id, text, ends }: TrialDocument): readonly Finding[] {
  const inputs = ['inbox', 'archive'].filter((folder) => textAt(root, folder, id) === text);
  const hasResult = textAt(root, 'outbox', `${id}.md`) === answerText(text);
  const hasReport = textAt(root, 'failed', `${id}.error.json`) !== null;
  return [
    ...(inputs.length === 1 ? [] : [lost(`${id} lies in ${inputs.length} places`)]),
    ...(hasResult === ends.includes('done') ? [] : [lost(`${id}: ${hasResult ? 'a' : 'no'} result`)]),
    ...(hasReport === ends.includes('failed') ? [] : [lost(`${id}: ${hasReport ? 'a' : 'no'} report`)]),
  ];
}

function textAt(root: string, ...path: readonly string[]): string | null {
  const file = join(root, ...path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function lost(what: string): Finding {
  return { kind: 'lost', what };
}
