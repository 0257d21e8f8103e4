import { hash } from 'node:crypto';
import { type Aftermath, type Finding, interrupted } from './aftermath.ts';
import type { LedgerAttempt } from './read-ledger.ts';

/** One text, under whatever names, as the simulator billed it and as the ledger knows it. */
interface Account {
  readonly names: string;
  readonly requests: number;
  readonly billed: number;
  readonly attempts: readonly LedgerAttempt[];
  readonly known: number;
  readonly doubtful: number;
  /** Of the doubtful: those that were in flight when their process died. */
  readonly died: number;
  readonly answered: number;
}

/** No text was billed twice unless the ledger says so, and the ledger knows every call. */
export function checkBilling(aftermath: Aftermath): readonly Finding[] {
  const all = accounts(aftermath);
  const held = aftermath.settings.inDoubt === 'hold' ? all.flatMap(checkHeld) : [];
  return [...all.flatMap(checkPaidOnce), ...all.flatMap(checkCallsKnown), ...held];
}

/** Texts that were billed once more because a process died in their flight; the ledger says so. */
export function reportedTwice(aftermath: Aftermath): number {
  return accounts(aftermath).filter(isBilledOnceMore).length;
}

function isBilledOnceMore({ billed, known, doubtful, died }: Account): boolean {
  return billed > 1 && billed - known > doubtful - died;
}

function accounts({ documents, ledger, billing }: Aftermath): readonly Account[] {
  return [...new Set(documents.map(({ text }) => text))].map((text) => {
    const version = hash('sha256', text);
    const attempts = ledger.attempts.filter((attempt) => attempt.sha256 === version);
    const count = (fits: (attempt: LedgerAttempt) => boolean): number => attempts.filter(fits).length;
    const { requests = 0, billed = 0 } = billing.find(({ document }) => document === version) ?? {};
    return {
      names: documents.flatMap((document) => (document.text === text ? [document.id] : [])).join(', '),
      requests,
      billed,
      attempts,
      known: count((attempt) => attempt.billing === 'known'),
      doubtful: count((attempt) => attempt.billing === 'in doubt'),
      died: interrupted(attempts).length,
      answered: count(({ verdict }) => verdict === 'answer'),
    };
  });
}

function checkPaidOnce({ names, billed, known, doubtful, answered }: Account): readonly Finding[] {
  const paid = (what: string): Finding => ({ kind: 'paid', what: `${names}: ${what}` });
  return [
    ...(billed > known + doubtful ? [paid(`billed ${billed} times, known ${known}, in doubt ${doubtful}`)] : []),
    ...(known > billed ? [paid(`billed ${billed} times, and the ledger says ${known}`)] : []),
    ...(answered > 1 ? [paid(`answered ${answered} times`)] : []),
  ];
}

function checkCallsKnown({ names, requests, attempts }: Account): readonly Finding[] {
  const open = attempts.filter(({ ended }) => ended === 0).length;
  const wrong = (what: string): Finding => ({ kind: 'wrong', what: `${names}: ${what}` });
  return [
    ...(requests > attempts.length ? [wrong(`${requests} calls, and the ledger knows ${attempts.length}`)] : []),
    ...(open > 0 ? [wrong(`${open} attempts never ended in the ledger`)] : []),
  ];
}

/** With `--in-doubt hold` nothing follows on a doubt. */
function checkHeld({ names, attempts }: Account): readonly Finding[] {
  const followed = attempts.filter(
    ({ document, number, billing }) =>
      billing === 'in doubt' && attempts.some((later) => later.document === document && later.number > number),
  );
  return followed.map(({ number }) => ({
    kind: 'paid',
    what: `${names}: attempt ${number} is in doubt, and was not held`,
  }));
}
