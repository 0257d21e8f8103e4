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
  const others = readdirSync(folder).filter((file) => file !== 'body.xml' && file !== 'expected.txt');
  const parts = others.map((file) => [file.endsWith('.rels') ? `word/_rels/${file}` : `word/${file}`, read(file)]);
  return { bytes: docx(read('body.xml'), Object.fromEntries(parts)), expected: read('expected.txt').trimEnd() };
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

const ITEM = '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>';
const LINK = '<w:hyperlink r:id="l"><w:r><w:t>x</w:t></w:r></w:hyperlink>';
const LONG_LEVEL = `<w:lvl w:ilvl="0"><w:lvlText w:val="${'A'.repeat(100_000)}"/></w:lvl>`;
const LONG_ADDRESS = `<Relationships><Relationship Id="l" TargetMode="External" Target="http://${'a'.repeat(100_000)}"/></Relationships>`;

/** Numbering with one list of these levels. */
const listOf = (levels: string): string =>
  `<w:numbering><w:abstractNum w:abstractNumId="0">${levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;
const rowOf = (cells: number): string => `<w:tr>${`<w:tc>${docxParagraph('x')}</w:tc>`.repeat(cells)}</w:tr>`;

const style = (id: string, base: string): string => `<w:style w:styleId="${id}"><w:basedOn w:val="${base}"/></w:style>`;
const mark = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;

/** A run that is moved up, or down, by half points; empty: it is not. */
const at = (position: string, text: string): string =>
  `<w:r><w:rPr>${position === '' ? '' : `<w:position w:val="${position}"/>`}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`;
const paragraph = (...runs: readonly string[]): string => `<w:p>${runs.join('')}</w:p>`;

const footnote = (id: number, sign = ''): string =>
  `<w:r><w:footnoteReference w:id="${id}"${sign === '' ? '' : ' w:customMarkFollows="1"'}/><w:t>${sign}</w:t></w:r>`;

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

  test('a part of a master document, which lies elsewhere, is told', async () => {
    const outcome = await converted({ 'a.docx': docx(`${docxParagraph('x')}<w:p><w:subDoc r:id="s"/></w:p>`) });
    expect(outcome).toMatchObject({
      parts: [{ text: 'x\n\n[Left out: 1 linked document]' }],
      leftOut: { 'linked document': 1 },
    });
  });

  test('a link over several paragraphs keeps its address', async () => {
    const code = '<w:r><w:instrText>HYPERLINK "https://example.com/a"</w:instrText></w:r>';
    const body =
      paragraph(mark('begin'), code, mark('separate'), '<w:r><w:t>one</w:t></w:r>') +
      paragraph('<w:r><w:t>two</w:t></w:r>', mark('end'));
    expect(await textOf('a.docx', docx(body))).toBe('one\n\ntwo (https://example.com/a)');
  });

  test('a note with a sign of its own is not counted', async () => {
    const notes = [1, 2, 3].map((id) => `<w:footnote w:id="${id}">${docxParagraph(`note ${id}`)}</w:footnote>`);
    const bytes = docx(paragraph(footnote(1), footnote(2, '*'), footnote(3)), {
      'word/footnotes.xml': `<w:footnotes>${notes.join('')}</w:footnotes>`,
    });
    expect(await textOf('a.docx', bytes)).toBe(
      '[^1][^note 2]*[^2]\n\n[^1]: note 1\n\n[^note 2]: note 2\n\n[^2]: note 3',
    );
  });

  test('brackets of a formula that are signs of LaTeX are escaped', async () => {
    const formula =
      '<m:oMath><m:d><m:dPr><m:begChr m:val="{"/><m:endChr m:val=""/></m:dPr><m:e><m:r><m:t>x</m:t></m:r></m:e></m:d></m:oMath>';
    expect(await textOf('a.docx', docx(paragraph(formula)))).toBe('$\\{x$');
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

  test('numbers that are moved up or down behind a word are marked; lines that are moved as a whole are not', async () => {
    const body = [
      paragraph(at('', '5 m'), at('6', '2'), at('', ' H'), at('-4', '2'), at('', 'O Ca'), at('8', '2+')),
      paragraph(at('', 'x'), at('2', '2'), at('', ' and '), at('6', '12'), at('', ' y'), at('6', 'th')),
      paragraph(at('6', 'Page'), at('6', '12')),
    ];
    expect(await textOf('a.docx', docx(body.join('')))).toBe(
      '5 m<sup>2</sup> H<sub>2</sub>O Ca<sup>2+</sup>\n\nx2 and 12 yth\n\nPage12',
    );
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
    ['nothing', ''],
    ['an empty table', docxTable([[''], ['']])],
    ['a picture', '<w:p><w:r><w:drawing><pic:pic/></w:drawing></w:r></w:p>'],
  ])('a document of %s is refused', async (_what, body) => {
    expect(await converted({ 'a.docx': docx(body) })).toMatchObject({ kind: 'refused', code: 'blank' });
  });

  test('a part that is cut off is refused', async () => {
    const numbering = '<w:numbering><w:abstractNum w:abstractNumId="0">';
    expect(await converted({ 'a.docx': docx(docxParagraph('x'), { 'word/numbering.xml': numbering }) })).toMatchObject({
      kind: 'refused',
      code: 'broken-document',
    });
  });

  test.each(['numbering', 'styles'])('a document whose %s is named and not there is refused', async (type) => {
    const bytes = docx(docxParagraph('x'), {
      'word/_rels/document.xml.rels': relationships([['r1', type, 'named.xml']]),
    });
    expect(await converted({ 'a.docx': bytes })).toMatchObject({
      code: 'broken-document',
      reason: 'It has no word/named.xml in it. Save it again.',
    });
  });

  test('comments that are named and not there are told where they stood', async () => {
    const named = { 'word/_rels/document.xml.rels': relationships([['r1', 'comments', 'comments.xml']]) };
    expect(await textOf('a.docx', docx(reference('comment'), named))).toBe('x [Left out: 1 comment]');
    expect(await textOf('a.docx', docx(reference('comment')))).toBe('x');
  });

  test.each([
    ['a long number before many items', docx(ITEM.repeat(1000), { 'word/numbering.xml': listOf(LONG_LEVEL) })],
    [
      'a long address of many links',
      docx(`<w:p>${LINK.repeat(1000)}</w:p>`, { 'word/_rels/document.xml.rels': LONG_ADDRESS }),
    ],
    ['a long text', docx(docxParagraph('a'.repeat(51_000_000)))],
    ['a wide and long table', docx(`<w:tbl>${rowOf(3000)}${rowOf(1).repeat(3000)}</w:tbl>`)],
    ['controls in controls', docx(`${'<w:sdt>'.repeat(100_000)}${docxParagraph('x')}${'</w:sdt>'.repeat(100_000)}`)],
  ])('%s is refused before it becomes too much', async (_what, bytes) => {
    expect(await converted({ 'a.docx': bytes })).toMatchObject({ kind: 'refused', code: 'too-complex' });
  });

  test('styles that are based on each other, fields in fields, and comments in themselves come to an end', async () => {
    const link = `${mark('begin')}<w:r><w:instrText>HYPERLINK "http://a.example/"</w:instrText></w:r>${mark('separate')}`;
    const body = `${docxParagraph('a', 'A')}<w:p>${link.repeat(5000)}<w:r><w:t>b</w:t></w:r>${mark('end').repeat(5000)}</w:p>${reference('comment')}`;
    const bytes = docx(body, {
      'word/styles.xml': `<w:styles>${style('A', 'B')}${style('B', 'A')}</w:styles>`,
      'word/comments.xml': `<w:comments><w:comment w:id="1">${reference('comment')}</w:comment></w:comments>`,
    });
    const text = await textOf('a.docx', bytes);
    expect(text).toMatch(/^a\n\n\[+b\]/);
    expect(text).toMatch(/x \[Comment: x\]$/);
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
      const shown = Array.from({ length: columns }, (_, column) => texts.some((row) => row[column] !== ''));
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
      const text = await textOf('a.docx', docx(body, { 'word/numbering.xml': listOf(levels.join('')) }));
      expect(
        text
          .split('\n')
          .filter((line) => line.includes('item'))
          .map((line) => line.trim()),
      ).toEqual(expected);
    }
  });
});
