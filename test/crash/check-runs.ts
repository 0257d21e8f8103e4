import type { Summary } from '../../src/report/summary.ts';
import { type Aftermath, everInFlight, type Finding, interrupted, type Run } from './aftermath.ts';

/** What the runs said of themselves agrees with what is there. */
export function checkRuns(aftermath: Aftermath): readonly Finding[] {
  const { runs, ledger } = aftermath;
  const last = runs.at(-1);
  const dead = everInFlight(runs).size;
  const told = interrupted(ledger.attempts).length;
  return [
    ...ledger.complaints.map((complaint) => wrong(`the ledger is damaged: ${JSON.stringify(complaint)}`)),
    ...runs.flatMap(checkEnd),
    ...(told === dead ? [] : [wrong(`${dead} calls were in flight at the ends of runs, and ${told} are told of`)]),
    ...(last === undefined ? [] : checkAtRest(last, aftermath)),
    ...runs.flatMap((run, index) => checkDoubtsTold(run, runs[index - 1])),
  ];
}

/** What a run ends with that could not even begin. */
const REFUSED: ReadonlySet<number> = new Set([2, 6]);
const DISK = 6;

function checkEnd({ code, summary, inFlight, mayDie, complaint }: Run): readonly Finding[] {
  if (code === null) return mayDie ? [] : [wrong(`it died or hung: ${endOf(complaint)}`)];
  const lies = summary === null ? !REFUSED.has(code) : sumOf(summary) !== summary.documents;
  return [
    ...(lies ? [wrong(`it ended with ${code} and summary ${JSON.stringify(summary)}: ${endOf(complaint)}`)] : []),
    ...(inFlight.length > 0 && code !== DISK
      ? [wrong(`it ended with ${code}, and ${inFlight.length} attempts have no end`)]
      : []),
  ];
}

function sumOf({ succeeded, failed, skipped, reused, held, pending }: Summary): number {
  return succeeded + failed + skipped + reused + held + pending;
}

function checkAtRest({ code, summary, complaint }: Run, { ledger }: Aftermath): readonly Finding[] {
  const inState = (wanted: string): number => ledger.versions.filter(({ state }) => state === wanted).length;
  const [failed, held] = [inState('failed'), inState('held')];
  const expected = failed + held > 0 ? 3 : 0;
  if (code !== expected) return [wrong(`the last run ended with ${code} instead of ${expected}: ${endOf(complaint)}`)];
  const agrees = summary?.failed === failed && summary.held === held && summary.pending === 0;
  return agrees
    ? []
    : [wrong(`the last summary does not say ${failed} failed, ${held} held: ${JSON.stringify(summary)}`)];
}

/** A run says what is in doubt because of how the one before it ended. */
function checkDoubtsTold({ summary }: Run, before: Run | undefined): readonly Finding[] {
  if (summary === null || before === undefined || summary.inDoubtBefore === before.inFlight.length) return [];
  const told = `the next run told of ${summary.inDoubtBefore} in doubt`;
  return [wrong(`${before.inFlight.length} calls were in flight when a run ended, and ${told}`)];
}

/** Of what a run said: the rest is told where it is kept. */
function endOf(complaint: string): string {
  return complaint.slice(-1000);
}

function wrong(what: string): Finding {
  return { kind: 'wrong', what };
}
