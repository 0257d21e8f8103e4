/** Says on stderr that something is not tested, and why: nobody is to take it for tested. */
export function sayNotTested(what: string, why: string): void {
  process.stderr.write(`\nNOT TESTED HERE: ${what} (${why})\n`);
}
