import type { Finding } from './aftermath.ts';
import type { TrialOutcome } from './run-trial.ts';

/** The figures of many trials together. */
export class Sums {
  trials = 0;
  kills = 0;
  missed = 0;
  /** Calls in flight at all kills together, and at one at most. */
  inFlight = 0;
  mostInFlight = 0;
  reportedTwice = 0;
  reads = 0;
  readonly findings: Finding[] = [];

  add({ findings, kills, missed, inFlight, mostInFlight, reportedTwice, reads }: TrialOutcome): void {
    this.trials += 1;
    this.kills += kills;
    this.missed += missed;
    this.inFlight += inFlight;
    this.mostInFlight = Math.max(this.mostInFlight, mostInFlight);
    this.reportedTwice += reportedTwice;
    this.reads += reads;
    this.findings.push(...findings);
  }

  count(wanted: Finding['kind']): number {
    return this.findings.filter(({ kind }) => kind === wanted).length;
  }
}
