// What every peer does alike, so that they differ in nothing but how they call: the documents, the bodies, the files.
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const MODEL = 'anthropic/claude-sonnet-4.5';

/** The work that the command line of a peer names: `API_URL WORKSPACE CONCURRENCY [--stream]`. */
export async function openWork() {
  const [api, root, concurrency, flag] = process.argv.slice(2);
  const [inbox, outbox] = [join(root, 'inbox'), join(root, 'outbox')];
  const stream = flag === '--stream';
  await mkdir(outbox, { recursive: true });
  return {
    api,
    concurrency: Number(concurrency),
    stream,
    names: await readdir(inbox),
    /** The body of the call for a document. */
    bodyOf: async (name) => body(await readFile(join(inbox, name), 'utf8'), stream),
    /** Puts an answer on the disk, whole or not at all, also through a loss of power. */
    file: async (name, text) => {
      const temporary = join(outbox, `.${name}.tmp`);
      const handle = await open(temporary, 'wx');
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
      await rename(temporary, join(outbox, `${name}.md`));
    },
  };
}

function body(content, stream) {
  return {
    model: MODEL,
    messages: [{ role: 'user', content }],
    max_tokens: 64_000,
    reasoning: { effort: 'high' },
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  };
}
