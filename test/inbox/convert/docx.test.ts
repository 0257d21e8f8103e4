import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { archive, docx, docxParagraph, docxTable, relationships } from './office-files.ts';

const FIXTURES = new URL('fixtures/docx/', import.meta.url).pathname;

/** A document of the files of a folder: `body.xml` is what is in the body, the others are its parts. */
function fixture(name: string): { readonly bytes: Buffer; readonly expected: string } {
  const folder = join(FIXTURES, name);
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const others = readdirSync(folder).filter((file) => file !== 'body.xml' && file !== 'expected.md');
  const parts = others.map((file) => [file.endsWith('.rels') ? `word/_rels/${file}` : `word/${file}`, read(file)]);
  return { bytes: docx(read('body.xml'), Object.fromEntries(parts)), expected: read('expected.md').trimEnd() };
}

/** Numbers that look random, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const reference = (kind: string): string => `<w:p><w:r><w:t>x</w:t><w:${kind}Reference w:id="1"/></w:r></w:p>`;
const note = (kind: string): string =>
  `<w:${kind}s><w:${kind} w:id="1">${docxParagraph(kind)}</w:${kind}></w:${kind}s>`;

describe('Word documents', () => {
  test.each(readdirSync(FIXTURES))('%s', async (name) => {
    const { bytes, expected } = fixture(name);
    expect(await textOf('a.docx', bytes)).toBe(expected);
  });

  test('what has no text is counted by its kind', async () => {
    const outcome = await converted({ 'a.docx': fixture('pictures-and-objects').bytes });
    expect(outcome.kind === 'converted' ? outcome.leftOut : outcome.reason).toEqual({
      picture: 2,
      'embedded object': 1,
      equation: 1,
      'form control': 1,
      'ink drawing': 1,
      drawing: 1,
    });
  });

  test('other prefixes, another place of the main part, and parts that only relations name', async () => {
    const STRICT = 'http://purl.oclc.org/ooxml';
    const bytes = archive({
      '_rels/.rels': relationships([['r1', 'officeDocument', '/Parts/Main.xml']]),
      'Parts/Main.xml': `<document xmlns="${STRICT}/wordprocessingml/main"><body><p><pPr><pStyle val="x"/></pPr><r><t>A heading</t></r></p></body></document>`,
      'Parts/_rels/Main.xml.rels': relationships([['r1', 'styles', '../Looks/Of.xml']]),
      'Looks/Of.xml': `<q:styles xmlns:q="${STRICT}/wordprocessingml/main"><q:style q:type="paragraph" q:styleId="x"><q:name q:val="Heading 2"/></q:style></q:styles>`,
    });
    expect(await textOf('a.docx', bytes)).toBe('## A heading');
  });

  test('notes have the marks that the document says', async () => {
    const bytes = docx(
      `${reference('endnote')}${reference('footnote')}<w:sectPr><w:endnotePr><w:numFmt w:val="upperLetter"/></w:endnotePr></w:sectPr>`,
      {
        'word/endnotes.xml': note('endnote'),
        'word/footnotes.xml': note('footnote'),
        'word/settings.xml':
          '<w:settings><w:endnotePr><w:numFmt w:val="decimal"/></w:endnotePr><w:footnotePr><w:numStart w:val="4"/></w:footnotePr></w:settings>',
      },
    );
    expect(await textOf('a.docx', bytes)).toBe('x[^A]\n\nx[^4]\n\n[^A]: endnote\n\n[^4]: footnote');
  });

  test.each([
    '',
    docxTable([
      ['', ''],
      ['', ''],
    ]),
    '<w:p><w:r><w:drawing><pic:pic/></w:drawing></w:r></w:p>',
  ])('a document in which nobody can read anything is refused: %s', async (body) => {
    expect(await converted({ 'a.docx': docx(body) })).toMatchObject({ kind: 'refused', code: 'blank' });
  });

  test('a part that is cut off is refused', async () => {
    const numbering = '<w:numbering><w:abstractNum w:abstractNumId="0">';
    expect(await converted({ 'a.docx': docx(docxParagraph('x'), { 'word/numbering.xml': numbering }) })).toMatchObject({
      kind: 'refused',
      code: 'broken-document',
    });
  });

  test('cells stay in their columns, whatever they span', async () => {
    const random = numbers(7);
    for (let round = 0; round < 50; round += 1) {
      const columns = 2 + random(5);
      const rows = 2 + random(6);
      // The place of each text in the grid; cells that go on from above have none.
      const texts = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ''));
      const spans = new Map<number, number>();
      const lines = texts.map((row, rowIndex) => {
        let cells = '';
        for (let column = 0; column < columns; ) {
          const goesOn = rowIndex > 0 && spans.has(column) && random(3) === 0;
          const width = goesOn ? (spans.get(column) ?? 1) : Math.min(1 + random(3), columns - column);
          for (let covered = column; covered < column + width; covered += 1) spans.delete(covered);
          spans.set(column, width);
          const text = goesOn ? '' : `r${rowIndex}c${column}`;
          row[column] = text;
          cells += `<w:tc><w:tcPr><w:gridSpan w:val="${width}"/>${goesOn ? '<w:vMerge/>' : '<w:vMerge w:val="restart"/>'}</w:tcPr>${docxParagraph(text)}</w:tc>`;
          column += width;
        }
        return `<w:tr>${cells}</w:tr>`;
      });
      const markdown = await textOf('a.docx', docx(`<w:tbl>${lines.join('')}</w:tbl>`));
      const shown = columns === 0 ? [] : (texts[0]?.map((_, column) => texts.some((row) => row[column] !== '')) ?? []);
      const expected = texts.map((row) => `| ${row.filter((_, column) => shown[column] === true).join(' | ')} |`);
      expect(markdown.split('\n').filter((line) => !line.startsWith('| ---'))).toEqual(expected);
    }
  });

  test('items keep their numbers, whatever is around them', async () => {
    const random = numbers(11);
    for (let round = 0; round < 50; round += 1) {
      const starts = [random(20), random(20), random(20)];
      const levels = starts.map(
        (start, level) =>
          `<w:lvl w:ilvl="${level}"><w:start w:val="${start}"/><w:numFmt w:val="decimal"/><w:lvlText w:val="${starts
            .slice(0, level + 1)
            .map((_, index) => `%${index + 1}`)
            .join('.')}"/></w:lvl>`,
      );
      const counts: number[] = [];
      let body = '';
      const expected: string[] = [];
      for (let item = 0; item < 30; item += 1) {
        const level = Math.min(random(3), counts.length);
        counts.length = Math.max(level, Math.min(counts.length, level + 1));
        counts[level] = counts[level] === undefined ? (starts[level] ?? 0) : counts[level] + 1;
        expected.push(`${counts.join('.')} item ${item}`);
        body += `<w:p><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>item ${item}</w:t></w:r></w:p>`;
        if (random(3) === 0) body += docxParagraph('between');
      }
      const numbering = `<w:numbering><w:abstractNum w:abstractNumId="0">${levels.join('')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;
      const text = await textOf('a.docx', docx(body, { 'word/numbering.xml': numbering }));
      expect(
        text
          .split('\n')
          .filter((line) => line.includes('item'))
          .map((line) => line.trim()),
      ).toEqual(expected);
    }
  });
});
