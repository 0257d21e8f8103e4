// Puts the program with its libraries into few files, but for the one that is native: their modules, one by one, took
// half of its start-up. The tokenizer comes in a piece that is loaded when it is needed, so that its 55 MB need not be
// installed.
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;

// Pieces of an earlier build have other names.
for (const name of readdirSync(dist)) if (name.startsWith('main-')) rmSync(`${dist}/${name}`);

await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts', 'convert-worker': 'src/inbox/convert/convert-worker.ts' },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  chunkNames: 'main-[hash]',
  // Non-ASCII as it is: escapes would make the tokenizer's table half as large again.
  charset: 'utf8',
  external: ['libsql'],
  // Some of what axios stands on is CommonJS, and asks for node's modules by `require`.
  banner: { js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);" },
  logLevel: 'warning',
});
