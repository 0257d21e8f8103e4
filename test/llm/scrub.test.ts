import { describe, expect, test } from '@jest/globals';
import type { Prompt } from '../../src/domain/request.ts';
import { createScrub } from '../../src/llm/scrub.ts';

const DOCUMENT =
  'The harbour committee met on the second of May and decided to dredge the eastern basin before winter.';

const about = (content: string): Prompt => ({ model: 'm', messages: [{ role: 'user', content }] });
const scrub = createScrub('sk-or-v1-abcdef', about(DOCUMENT));

describe('text of a server', () => {
  test('stays as it is where it is its own', () => {
    const message = "This endpoint's maximum context length is 200000 tokens.";
    expect(scrub(message)).toBe(message);
  });

  test('loses the key', () => {
    expect(scrub('Bad key: Bearer sk-or-v1-abcdef!')).toBe('Bad key: Bearer […]!');
  });

  test('loses a passage of the document, wherever it begins and ends', () => {
    for (let start = 0; start < 40; start += 1) {
      for (const length of [29, 30, 45]) {
        const passage = DOCUMENT.slice(start, start + length);
        for (const lead of ['', 'x', 'Refused: ', 'This was refused: '])
          expect(scrub(`${lead}${passage} END`)).not.toContain(passage.slice(0, 20));
      }
    }
  });

  test('loses the document where it is quoted as JSON', () => {
    const poem = 'Ebb und Flut\n"gehen"\nüber die Schwelle des Hafens\nund kommen zurück';
    const clean = createScrub(null, about(poem))(`Got: ${JSON.stringify({ content: poem })}`);
    expect(clean).not.toMatch(/Schwelle|gehen|Flut/);
    const ascii = JSON.stringify(poem).replace(/ü/g, '\\u00fc');
    expect(createScrub(null, about(poem))(`Got: ${ascii}`)).not.toMatch(/Schwelle|gehen|Flut/);
  });

  test('loses a short document as a whole', () => {
    expect(createScrub(null, about(' PIN 4711 \n'))('flagged: "PIN 4711"')).toBe('flagged: "[…]"');
  });

  test('becomes one line of 300 characters at most', () => {
    expect(scrub('a\n\tb\u0000\u001b[31mc')).toBe('a b [31mc');
    const long = scrub('word '.repeat(200));
    expect(long).toHaveLength(300);
    expect(long.endsWith('…')).toBe(true);
  });

  test('loses a key that stands where the text is cut', () => {
    for (let lead = 280; lead < 300; lead += 1)
      expect(scrub(`${'.'.repeat(lead)}sk-or-v1-abcdef`)).not.toContain('sk-or');
  });
});
