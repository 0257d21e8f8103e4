import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHoldingServer } from '../support/holding-server.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe } from '../support/statistics.mjs';
import { temporaryFolder } from '../support/temporary-folder.mjs';

const DOCUMENTS = 64;
const BYTES = 20_000_000;
const LINE = 'The harvest was late, and prices rose again by three per cent. ';
const KINDS = [
  { ending: 'pdf', head: '%PDF-1.7\n' },
  { ending: 'jpg', head: '\xFF\xD8\xFF\xE0\0\x10JFIF\0' },
  { ending: 'mp3', head: 'ID3\x03\0\0\0\0\0\0\xFF\xFB\x90\x64' },
  { ending: 'txt', head: '' },
];

/** The end of a PDF whose table of objects begins at a place: without it, it counts as cut off. */
function endOfPdf(at) {
  return `xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`;
}

/** As many of each kind; random bytes after what the kind is told by, but for texts. */
function writeLargeDocument(inbox, number) {
  const { ending, head } = KINDS[number % KINDS.length];
  const bytes =
    head === '' ? Buffer.alloc(BYTES, `${number} ${LINE}`) : randomFillSync(Buffer.allocUnsafe(BYTES), head.length);
  bytes.write(head, 'latin1');
  const endsAt = BYTES - 1000;
  if (ending === 'pdf') bytes.write(endOfPdf(endsAt), endsAt, 'latin1');
  writeFileSync(join(inbox, `${number}.${ending}`), bytes);
}

/** Made anew for each run, for nothing is to be remembered of it. */
async function oneRun(bench, documents) {
  const { path: root, remove } = temporaryFolder(bench.resources);
  const inbox = join(root, 'inbox');
  mkdirSync(inbox);
  for (let number = 0; number < documents; number += 1) writeLargeDocument(inbox, number);
  const server = await startHoldingServer(documents);
  try {
    const flags = ['--concurrency', documents, '--max-bytes', '25M', '--settle', '0', '--no-stream', '--timeout', '300'];
    return { ...(await runOnce(bench, { root, documents }, server, ...flags)), ...server.received() };
  } finally {
    server.stop();
    remove();
  }
}

export const largeDocuments = {
  name: 'large',
  what: `${DOCUMENTS} documents of 20 MB (PDFs, pictures, sounds, texts), all in flight at once: peak memory`,
  target: '800 MB or less',
  isLong: true,
  async measure(bench) {
    const documents = bench.scaled(DOCUMENTS);
    const runs = await inTurn(bench.runs, () => oneRun(bench, documents));
    const [{ calls, megabytes }] = runs;
    const peaks = runs.map(({ peakMegabytes }) => peakMegabytes);
    const seconds = runs.map((run) => run.seconds);
    return {
      measured: `${describe(peaks, 0)} MB`,
      raw: `${calls} calls of ${megabytes.toFixed(0)} MB in all, in ${describe(seconds, 1)} s`,
    };
  },
};
