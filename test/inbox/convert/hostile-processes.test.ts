import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Converter } from '../../../src/domain/ports.ts';
import { createConverter } from '../../../src/inbox/convert/converter.ts';
import { bundledConverter } from './bundled-converter.ts';
import { converted } from './converted-in.ts';
import { HOSTILE } from './hostile-files.ts';
import { docx, docxParagraph } from './office-files.ts';

const SECONDS = 25;
const PATIENCE_MS = 120_000;

describe('hostile documents are refused, or right, within limits', () => {
  let folder = '';
  let converter: Converter;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    converter = createConverter({ ...(await bundledConverter(folder)), seconds: SECONDS, processes: 1 });
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(HOSTILE)(
    '%s',
    async (_what, name, file, lastWord) => {
      const good = docx(docxParagraph('good'));
      const outcomes = [{ [name]: file() }, { 'good.docx': good }].map((files) => converted(files, 'text', converter));
      const [hostile, next] = await Promise.all(outcomes);
      const text =
        hostile?.kind === 'converted'
          ? hostile.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
          : null;
      if (process.env['SHOW'])
        process.stderr.write(
          `${_what}: ${text === null ? JSON.stringify(hostile) : `${text.length} characters, ${JSON.stringify((hostile as { leftOut?: unknown }).leftOut)}`}\n`,
        );
      if (lastWord === null) expect(text === null || text.length < 60_000_000).toBe(true);
      else expect(text?.trimEnd().endsWith(lastWord)).toBe(true);
      expect(next).toMatchObject({ kind: 'converted', parts: [{ text: 'good' }] });
    },
    PATIENCE_MS,
  );
});
