import { describe, expect, test } from '@jest/globals';
import { textOf } from './converted-in.ts';
import * as files from './office-files.ts';

describe('Office documents', () => {
  test('a Word document keeps headings, tables, and every character', async () => {
    const body =
      files.docxParagraph('Report', 'Heading1') +
      files.docxParagraph('1. snake_case stays *as* it is &amp; so do umlauts: ü') +
      files.docxTable([
        ['Item', 'Price'],
        ['Tea | green', '1.50'],
      ]);
    expect(await textOf('a.docx', files.docx(body))).toBe(
      '# Report\n\n1. snake_case stays *as* it is & so do umlauts: ü\n\n| Item | Price |\n| --- | --- |\n| Tea \\| green | 1.50 |',
    );
  });

  test('a workbook becomes a table for each sheet, its numbers as they are stored', async () => {
    const book = files.xlsx({
      Sales: [
        files.textCell('A1', 'Name, first') + files.textCell('C1', 'Note'),
        files.numberCell('A2', '0.30000000000000004') + files.dateCell('B2', '45000') + files.numberCell('C2', '1E-3'),
        `<c r="A3" t="b"><v>1</v></c>${files.dateCell('B3', '45000.5')}<c r="C3" t="e"><v>#DIV/0!</v></c>`,
        `<c r="A4"><f>1+1</f></c>${files.textCell('B4', 'say &quot;hi&quot;')}`,
      ],
      Empty: [],
      Second: [files.numberCell('A1', '12345678901234567')],
    });
    expect(await textOf('a.xlsx', book)).toBe(
      '## Sales\n\n"Name, first",,Note\n0.30000000000000004,2023-03-15,0.001\ntrue,2023-03-15T12:00:00,#DIV/0!\n=1+1,"say ""hi"""\n\n## Empty\n\n## Second\n\n12345678901234567',
    );
  });

  test('a presentation keeps the order of its slides, titles, tables and notes', async () => {
    const slides = files.pptx([
      { title: 'First', text: 'one\ntwo', notes: 'Say hello' },
      {
        title: 'Second',
        text: '',
        table: [
          ['a', 'b'],
          ['1', '2'],
        ],
      },
    ]);
    expect(await textOf('a.pptx', slides)).toBe(
      '## Slide 1\n\n### First\n\none\ntwo\n\nNotes: Say hello\n\n## Slide 2\n\n### Second\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
    );
  });

  test('an OpenDocument text keeps headings, lists, tables and notes, and not what was deleted', async () => {
    const body =
      '<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>' +
      '<text:h text:outline-level="2">Head</text:h>' +
      '<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>aside</text:p></text:note-body></text:note></text:p>' +
      '<text:list><text:list-item><text:p>x</text:p><text:list><text:list-item><text:p>y</text:p></text:list-item></text:list></text:list-item></text:list>' +
      '<table:table><table:table-row><table:table-cell><text:p>p</text:p></table:table-cell><table:table-cell><text:p>q</text:p></table:table-cell></table:table-row></table:table>';
    expect(await textOf('a.odt', files.openDocument('text', body))).toBe(
      '## Head\n\na   b\tc\nd[^1]\n\n- x\n  - y\n\n| p | q |\n| --- | --- |\n\n[^1]: aside',
    );
  });

  test.each(['-2', '0', 'many'])('a number of spaces like %s in an OpenDocument text is one space', async (count) => {
    const body = `<text:p>a<text:s text:c="${count}"/>b</text:p>`;
    expect(await textOf('a.odt', files.openDocument('text', body))).toBe('a b');
  });

  test('an OpenDocument presentation keeps its slides and notes', async () => {
    const page =
      '<draw:page draw:name="Start"><draw:frame><draw:text-box><text:p>Hello</text:p></draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>aloud</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>';
    expect(await textOf('a.odp', files.openDocument('presentation', page))).toBe('## Start\n\nHello\n\nNotes: aloud');
  });

  test('an OpenDocument spreadsheet is a table, however many empty cells follow', async () => {
    const sheet =
      '<table:table table:name="S"><table:table-row><table:table-cell office:value-type="float" office:value="1234.5"><text:p>1,234.50</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>';
    expect(await textOf('a.ods', files.openDocument('spreadsheet', sheet))).toBe('## S\n\n1234.5,,,x');
  });

  test('a book keeps the order of its chapters', async () => {
    const book = files.epub([
      '<h1>One</h1><p>a&nbsp;<em>b</em></p>',
      '<h1>Two</h1><script>no()</script><ul><li>x</li></ul>',
    ]);
    expect(await textOf('a.epub', book)).toBe('# One\n\na\u00A0_b_\n\n# Two\n\n- x');
  });
});
