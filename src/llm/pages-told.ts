/** How a PDF tells the pages of a branch of its page tree (ISO 32000-1, 7.7.3.2); its root tells all of them. */
const COUNT = Buffer.from('/Count');

/** More digits are no number of pages. */
const LONGEST_NUMBER = 10;

/** The pages that a PDF says it has, found without reading it; 0 where it tells none, or packs what tells it. */
export function pagesTold(pdf: Buffer): number {
  let most = 0;
  for (let at = pdf.indexOf(COUNT); at >= 0; at = pdf.indexOf(COUNT, at + COUNT.length)) {
    const told = /^\s*(\d+)/.exec(pdf.toString('latin1', at + COUNT.length, at + COUNT.length + LONGEST_NUMBER));
    most = Math.max(most, Number(told?.[1] ?? 0));
  }
  return most;
}
