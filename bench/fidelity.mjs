// Says which words of documents a model would not get: of each file below a folder, the words that stand in it, counted by
// other code than the program's, and those that are missing in what the program would send. Sends nothing.
//
//   node bench/fidelity.mjs FOLDER... [--threshold PERCENT] [--json] [--program FILE]
//
// FOLDER       folders or files, with all that is below them
// --threshold  the share of its words, in percent, that of every file must be kept (default 99.9)
// --json       prints JSON
// --program    another build (default dist/main.js)
//
// Ends with 1 where a file is below the threshold. PDFs need `pdftotext` (poppler-utils), and are else not checked.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { checkFile } from './fidelity/check-file.mjs';
import { summarize, summaryText } from './fidelity/report.mjs';

const OPTIONS = {
  threshold: { type: 'string', default: '99.9' },
  json: { type: 'boolean', default: false },
  program: { type: 'string', default: fileURLToPath(new URL('../dist/main.js', import.meta.url)) },
};

/** All files below a folder that are no hidden ones, in the order of their names. */
function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  const sorted = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(below);
    return entry.isFile() ? [below] : [];
  });
}

function percentOf(text) {
  const number = Number(text);
  if (number >= 0 && number <= 100) return number;
  throw new Error(`--threshold takes a number from 0 to 100, not ${text}`);
}

async function checkAll(paths, program) {
  const dist = dirname(resolve(program));
  // Before the program was put into few files, its modules lay in folders.
  const places = ['converter.js', 'inbox/convert/converter.js'].map((place) => join(dist, place));
  const place = places.find((path) => existsSync(path));
  if (place === undefined) throw new Error(`There is no build of the program at ${dist}`);
  const { CONVERT_WORKER, createConverter } = await import(pathToFileURL(place).href);
  const converter = createConverter({ worker: CONVERT_WORKER });
  const waiting = [...paths.entries()];
  const results = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, path] = next;
      // oxlint-disable-next-line no-await-in-loop -- as many at a time as there are processors
      results[index] = await checkFile(path, converter);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (positionals.length === 0) throw new Error('Say which folder: npm run fidelity -- FOLDER');
  const threshold = percentOf(values.threshold);
  const results = await checkAll(positionals.flatMap(filesBelow), values.program);
  const summary = summarize(results, threshold);
  process.stdout.write(values.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  if (summary.below.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
