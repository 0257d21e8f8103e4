// The example "quickstart", worked off by the simulator: what is asked, the run, and one answer beside its document.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLE = 'examples/quickstart';
const DOCUMENT = 'inbox/support-ticket.txt';
const ANSWER = 'outbox/support-ticket.txt.md';
const width = Math.max(40, Math.min(80, process.stdout.columns ?? 80));
const half = Math.floor((width - 3) / 2);

const say = (text = '') => process.stdout.write(`${text}\n`);
const read = (file) => readFileSync(`${root}${EXAMPLE}/${file}`, 'utf8').trim();

/** Lines of at most half the width, broken between words. */
function wrapped(text) {
  const lines = text.split('\n').flatMap((line) => line.match(new RegExp(`.{1,${half}}(?=\\s|$)|\\S{1,${half}}`, 'gu')) ?? ['']);
  return lines.map((line) => line.trimStart());
}

/** The whole answer, and as much of its document as fits beside it. */
function sideBySide(document, answer) {
  const right = [ANSWER, '-'.repeat(half), ...wrapped(answer)];
  const left = [DOCUMENT, '-'.repeat(half), ...wrapped(document)];
  if (left.length > right.length) left.splice(right.length - 1, left.length, '...');
  for (const [row, line] of right.entries()) say(`${(left[row] ?? '').padEnd(half)} | ${line}`.trimEnd());
}

process.argv.push('--build');
await import('./setup.mjs');

const isAgain = process.argv.includes('--again');
const wasAnswered = existsSync(`${root}${EXAMPLE}/${ANSWER}`);
say(`What is asked of every document (${EXAMPLE}/recipes/default.md):\n`);
say(`${read('recipes/default.md').replace(/^/gm, '  ')}\n`);
// For people, also where it goes into a pipe.
const how = ['--api', 'simulator', '--log-format', 'text', ...(isAgain ? ['--redo', 'all'] : [])];
const run = ['dist/main.js', '--once', '--root', EXAMPLE, ...how];
const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

say('\nOne of the documents, and its answer:\n');
sideBySide(read(DOCUMENT), read(ANSWER));
if (wasAnswered && !isAgain) say('\nAnswered before, so nothing was asked. To see it again: npm run demo -- --again');
say('\nNext: a question about any file, and a folder for documents of your own:\n');
say('  node dist/main.js ask "List three facts." README.md --api simulator');
say('  node dist/main.js init my-documents');
