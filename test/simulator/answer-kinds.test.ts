import { describe, expect, test } from '@jest/globals';
import { answerText } from '../../src/simulator/answer-text.ts';

const MINUTES = `# Minutes of the harbour board

The board met on Monday in the old customs house, as it does every month.

The crane on the north quay will be repaired in March, for 48,000 euros. Some members were late. The repair of the crane
is done by the yard, and the north quay stays closed for two weeks. Coffee was served. The harbour master tells the
shipping companies about the closed quay and the crane until Friday.
`;

const CRANE = 'The crane on the north quay will be repaired in March, for 48,000 euros.';
const YARD = 'The repair of the crane is done by the yard, and the north quay stays closed for two weeks.';
const MASTER = 'The harbour master tells the shipping companies about the closed quay and the crane until Friday.';

function answerOf(instructions: string): readonly string[] {
  return answerText(MINUTES, instructions).split('\n\n');
}

describe('the simulator answers by what it is asked', () => {
  test('a summary has sentences that carry the content, not the first ones, and says what it is', () => {
    expect(answerOf('Summarize in two sentences.')).toEqual([
      '# Minutes of the harbour board',
      `${CRANE} ${YARD}`,
      '_This answer comes from the simulator, not from a model: it picks sentences of the document._',
    ]);
  });

  test('a list has as many items as were asked for', () => {
    const [list] = answerOf('List three facts.');
    expect(list).toBe([CRANE, YARD, MASTER].map((fact) => `- ${fact}`).join('\n'));
    expect(answerOf('Give 2 bullet points.')[0]?.split('\n')).toHaveLength(2);
  });

  test('a summary with a list has both', () => {
    const [heading, prose, list] = answerOf('Summarize it, then list the facts to keep.');
    expect(heading).toBe('# Minutes of the harbour board');
    expect(prose).toMatch(/^[^-]/);
    expect(list).toMatch(/^- /);
  });

  test.each([
    ['Classify the text as invoice, harbour business, or complaint.', 'harbour business'],
    ['Answer with exactly one of: "complaint" or "repair".', 'repair'],
    ['Choose one category:\n\n- payment: an invoice, a refund;\n- works: what is closed or in repair;\n', 'works'],
    ['Labels: alpha | beta', MINUTES.length % 2 === 0 ? 'alpha' : 'beta'],
  ])('a choice is one of the labels, alone: %j', (instructions, label) => {
    expect(answerText(MINUTES, instructions)).toBe(label);
  });

  test('a translation is not pretended', () => {
    expect(answerText(MINUTES, 'Translate into German.')).toMatch(
      /^_Not translated: .* simulator, .*_\n\n# Minutes of/,
    );
  });

  test.each(['Summarize.', 'List facts.', 'Translate.', 'One of: a, b'])('is short for hostile texts: %s', (wanted) => {
    for (const text of ['x'.repeat(1_000_000), 'a. '.repeat(300_000), '\n'.repeat(100_000), ',;'.repeat(300_000), '#'])
      expect(answerText(text, wanted).length).toBeLessThan(3_000);
  });
});
