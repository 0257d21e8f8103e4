// Reads the whole table of a ledger's documents, row by row, and prints the seconds that took. Run by the figure
// `all-done`; by itself:
//
//   node bench/read-ledger.mjs FILE
import { performance } from 'node:perf_hooks';
import Database from 'libsql';

const start = performance.now();
const database = new Database(process.argv[2], { readonly: true });
let rows = 0;
for (const _ of database.prepare('SELECT * FROM versions').iterate()) rows += 1;
database.close();
process.stdout.write(`${JSON.stringify({ rows, seconds: (performance.now() - start) / 1000 })}\n`);
