import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { archive, numberCell, relationships, textCell, xlsx } from './office-files.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006';

type Files = Readonly<Record<string, string>>;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Styles whose number formats are these, by number or as codes; a cell names its style by place. */
function styles(formats: readonly (number | string)[]): Files {
  const codes = formats.map((format, index) =>
    typeof format === 'string' ? `<numFmt numFmtId="${200 + index}" formatCode="${escaped(format)}"/>` : '',
  );
  const xfs = formats.map(
    (format, index) => `<xf numFmtId="${typeof format === 'string' ? 200 + index : format}" xfId="0"/>`,
  );
  // Looks of tables may say something else of the same numbers.
  const others = formats.map((_, index) => `<dxf><numFmt numFmtId="${200 + index}" formatCode="0"/></dxf>`);
  return {
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>${xfs.join('')}</cellXfs><dxfs>${others.join('')}</dxfs></styleSheet>`,
  };
}

/** What stands in a cell of this format. */
async function shown(format: number | string, stored: string, is1904 = false): Promise<string> {
  const workbook: Files = is1904
    ? {
        'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><workbookPr date1904="true"/><sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets></workbook>`,
      }
    : {};
  const book = xlsx({ S: [`<c r="A1" s="0"><v>${stored}</v></c>`] }, { ...styles([format]), ...workbook });
  return cellsOf(await textOf('a.xlsx', book));
}

/** What stands below the heading of the first sheet. */
function cellsOf(text: string): string {
  return text.slice(text.indexOf('\n\n') + 2);
}

/** The text of a workbook of one sheet with these rows. */
async function sheetOf(rows: readonly string[], extra: Files = {}): Promise<string> {
  return cellsOf(await textOf('a.xlsx', xlsx({ S: rows }, extra)));
}

const sheetXml = (data: string, rest = ''): Files => ({
  'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheetData>${data}</sheetData>${rest}</worksheet>`,
});
const sheetRelations = (
  targets: readonly (readonly [id: string, type: string, target: string])[],
  external = false,
): Files => ({
  'xl/worksheets/_rels/sheet1.xml.rels': relationships(targets).replaceAll(
    '"/>',
    external ? '" TargetMode="External"/>' : '"/>',
  ),
});
const strings = (...items: readonly string[]): Files => ({
  'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${items.map((item) => `<si>${item}</si>`).join('')}</sst>`,
});

/** A relation of the values of cells that are pictures. */
const richRelation = (name: string): string => `http://schemas.microsoft.com/office/2017/06/relationships/${name}`;
/** What a number of such a value leads to. */
const richLink = (index: number): string => `<bk><extLst><ext><xlrd:rvb i="${index}"/></ext></extLst></bk>`;

/** A form control in VML. */
const formControl = (kind: string, text: string, data: string): string =>
  `<v:shape id="x" o:spid="_x0000_s${kind}"><v:textbox><div style='text-align:left'><font face="Arial">${text}</font><br></div></v:textbox><x:ClientData ObjectType="${kind}"><x:Anchor>\n 1, 11, 40, 24, 1, 75, 43, 0</x:Anchor>${data}</x:ClientData></v:shape>`;

describe('numbers of a workbook', () => {
  test.each<[what: string, format: number | string, stored: string, text: string]>([
    ['a number as it is stored', 'General', '0.30000000000000004', '0.30000000000000004'],
    ['all of 17 digits', 0, '12345678901234567', '12345678901234567'],
    ['a power of ten', '0.00E+00', '1.5E-3', '0.0015'],
    ['a percentage', 9, '0.15', '0.15'],
    ['leading zeros', '00000', '1234', '01234'],
    ['leading zeros below nothing', '00000', '-1234', '-01234'],
    ['leading zeros between dashes', '000\\-00\\-0000', '12345678', '012345678'],
    ['no zeros before a fraction', '00000', '12.5', '12.5'],
    ['one zero', '0', '7', '7'],
    ['money', '#,##0.00 [$€-407];[Red]-#,##0.00 [$€-407]', '-1234.5', '-1234.5 €'],
    ['money by its code', '[$USD] #,##0.00', '1234.5', '1234.5 USD'],
    ['money with a dollar sign in its code', '[$R$-416] #,##0.00', '7', '7 R$'],
    ['money in quotes', '"$"#,##0', '1234.5', '1234.5 $'],
    ['money in quotes behind', '#,##0.00 "EUR"', '1234.5', '1234.5 EUR'],
    ['money without quotes', '£#,##0;-£#,##0', '-3', '-3 £'],
    ['money after a backslash', '\\¥#,##0', '3', '3 ¥'],
    ['money of bookkeepers', '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', '0', '0 €'],
    ['money by the piece', '0.00" €/kg"', '2.5', '2.5 €/kg'],
    ['a language alone is no money', '[$-407]0.00', '2.5', '2.5'],
    ['money in thousands', '"$"#,##0.0,"K"', '1234567', '1234567 $'],
    ['thousands', '0.0,,"M"', '1234567', '1234567'],
    ['words in quotes', '0" days"', '12', '12 days'],
    ['words before', '"Nr. "0000', '12', 'Nr. 0012'],
    ['words without quotes', '0 days', '12', '12 days'],
    ['letters after a backslash', '0\\d\\a\\y', '12', '12day'],
    ['words between digits', '0"h"00', '1230', '1230'],
    ['words for a number', '"yes";;"no"', '0', '0 no'],
    ['words around the number as it is', 'General" kg"', '1.5', '1.5 kg'],
    ['a percent sign that is a word', '0"%"', '15', '15%'],
    ['brackets in quotes', '0;"("0")"', '-15', '-15'],
    ['the German word for General', 'Standard', '45000', '45000'],
    ['a date', 14, '45000', '2023-03-15'],
    ['a date in own words', '[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy', '45000', '2023-03-15'],
    ['a month', 'mmm', '45000', '2023-03-15'],
    ['a date and a time, to the second', 22, '45000.572916666664', '2023-03-15T13:45:00'],
    ['midnight before, by rounding', 22, '45000.999999', '2023-03-16'],
    ['a time below a date', 14, '45000.5', '2023-03-15T12:00:00'],
    ['a time', 20, '0.5729166666666666', '13:45:00'],
    ['minutes and seconds', 45, '0.0038194444444444443', '00:05:30'],
    ['parts of a second', 47, '0.0038252314814814815', '00:05:30.500'],
    ['a time that rounds up to a day', 'h:mm', '0.9999999', '24:00:00'],
    ['hours without a date', 'h:mm', '1.5', '36:00:00'],
    ['the time of a day', 'h:mm AM/PM', '45000.75', '2023-03-15T18:00:00'],
    ['a duration', '[h]:mm', '1.5208333333333333', '36:30:00'],
    ['a duration of minutes', '[mm]:ss', '0.0625', '01:30:00'],
    ['parts of a second of a duration', '[s].00', '0.000017361111111111', '00:00:01.500'],
    ['a duration below nothing', '[h]:mm', '-1.5', '-36:00:00'],
    ['the first day', 14, '1', '1900-01-01'],
    ['the last day before the one that never was', 14, '59', '1900-02-28'],
    ['the day that never was', 14, '60', '1900-02-29'],
    ['the day after', 14, '61', '1900-03-01'],
    ['the last day', 14, '2958465', '9999-12-31'],
    ['a day after all days', 14, '2958466', '2958466'],
    ['a date below nothing', 14, '-5', '-5'],
    ['a date that is none', 14, 'soon', 'soon'],
    ['an East Asian date', 31, '45000', '2023-03-15'],
    ['an East Asian time', 33, '0.75', '18:00:00'],
    ['a Thai date', 71, '45000', '2023-03-15'],
    ['a year of an emperor', '[$-411]ggge"年"m"月"d"日"', '45000.25', '2023-03-15T06:00:00'],
    ['a Japanese weekday', 'aaaa', '45000', '2023-03-15'],
    ['a Buddhist year', 'bbbb', '45000', '2023-03-15'],
    ['a date in the section for numbers above nothing', 'yyyy;0;0', '45000', '2023-03-15'],
    ['a number in the section for those below', 'yyyy;0;0', '-3', '-3'],
    ['nothing in its own section', 'yyyy;0;0', '0', '0'],
    ['a date where a condition says so', '[>1000]yyyy;0', '45000', '2023-03-15'],
    ['a number where a condition does not', '[>1000]yyyy;0', '12', '12'],
    ['a time where it is no whole day', '[<>1]h:mm;0', '0.5', '12:00:00'],
    ['a whole day', '[<>1]h:mm;0', '1', '1'],
    ['hours below a day, as durations from there', '[<1]h:mm;[h]:mm', '1.25', '30:00:00'],
  ])('%s (%s of %s)', async (_what, format, stored, text) => {
    expect(await shown(format, stored)).toBe(text);
  });

  test.each([
    [14, '0', '1904-01-01'],
    [14, '43538', '2023-03-15'],
    [14, '60', '1904-03-01'],
    [20, '0.5', '12:00:00'],
    [22, '0.5', '1904-01-01T12:00:00'],
    [14, '2957003', '9999-12-31'],
    [14, '2957004', '2957004'],
  ])('counted from 1904: %s of %s', async (format, stored, text) => {
    expect(await shown(format, stored, true)).toBe(text);
  });

  test('without styles, all are as they are stored', async () => {
    expect(
      await sheetOf(['<c r="A1" s="7"><v>45000</v></c>'], { 'xl/styles.xml': `<styleSheet xmlns="${MAIN}"/>` }),
    ).toBe('45000');
  });
});

describe('cells of a workbook', () => {
  test('strings that cells share keep every character, and no guide to their pronunciation', async () => {
    const texts = strings(
      '<r><t xml:space="preserve">10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>6</t></r><r><t> units</t></r>',
      '<t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh><phoneticPr fontId="1"/>',
      '<t>one_x000D_\ntwo _x005F_x000D_ _xD83D__xDE00_</t>',
      '<t xml:space="preserve">  a, b </t>',
      '<r><t>H</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r><r><rPr><b/></rPr><t>O</t></r>',
    );
    const cells = [0, 1, 2, 3, 4].map((index) => `<c t="s"><v>${index}</v></c>`);
    expect(await sheetOf(cells, texts)).toBe(
      '10<sup>6</sup> units\n東京\n"one\ntwo _x000D_ 😀"\n"  a, b "\nH<sub>2</sub>O',
    );
  });

  test('a string that is not there is told', async () => {
    const outcome = await converted({
      'a.xlsx': xlsx({ S: ['<c t="s"><v>0</v></c><c t="s"><v>7</v></c><c t="s"><v/></c>'] }, strings('<t>a</t>')),
    });
    expect(outcome).toMatchObject({
      kind: 'converted',
      parts: [{ text: '## S\n\na,[Left out: 1 damaged cell]' }],
      leftOut: { 'damaged cell': 1 },
    });
  });

  test('strings in the sheet, truths, errors and dates', async () => {
    const cells = [
      '<c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>',
      '<c t="b"><v>1</v></c>',
      '<c t="b"><v>0</v></c>',
      '<c t="e"><v>#N/A</v></c>',
      '<c t="d"><v>2023-03-15T00:00:00</v></c>',
      '<c t="d"><v>2023-03-15T13:45:00.000Z</v></c>',
      '<c><is><t>without a type</t></is></c>',
    ];
    expect(await sheetOf([cells.join('')])).toBe(
      'inline,true,false,#N/A,2023-03-15,2023-03-15T13:45:00,without a type',
    );
  });

  test('a formula is told where no value is stored', async () => {
    const cells = [
      '<c><f>SUM(1,2)</f></c>',
      '<c><f>A1&amp;"x"</f><v></v></c>',
      '<c t="str"><f>""</f><v></v></c>',
      '<c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
      '<c><f>_xlfn.XLOOKUP(1,A1:A2,B1:B2)</f></c>',
      '<c><f>1-1</f><v>0</v></c>',
    ];
    expect(await sheetOf([cells.join('')])).toBe('"=SUM(1,2)","=A1&""x""",,ab,"=XLOOKUP(1,A1:A2,B1:B2)",0');
  });

  test('a formula that cells share is told with the cell that has it', async () => {
    const rows = [
      '<c r="C1"><f t="shared" ref="C1:C2" si="0">A1*2</f></c>',
      '<c r="C2"><f t="shared" si="0"/></c>',
      '<c r="C3"><f t="shared" si="9"/></c>',
    ];
    expect(await sheetOf(rows)).toBe(',,=A1*2\n,,=A1*2 (as in C1)\n,,[Left out: 1 formula]');
  });

  test('nothing as the value of a formula is not believed where its writer left the calculation to Excel', async () => {
    const book = xlsx(
      { S: ['<c><f>SUM(1,2)</f><v>0</v></c><c><f>1+1</f><v>2</v></c><c><v>0</v></c><c s="0"><f>1-1</f><v>0</v></c>'] },
      {
        ...styles(['0" kg"']),
        'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets><calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>`,
      },
    );
    expect(cellsOf(await textOf('a.xlsx', book))).toBe('"=SUM(1,2)",2,0,=1-1');
  });

  test('values that older versions do not know: pictures by their descriptions, newer errors, names of stocks', async () => {
    const ns = 'xmlns:xlrd="http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"';
    const outcome = await converted({
      'a.xlsx': xlsx(
        { S: [1, 2, 3, 4].map((number) => `<c t="e" vm="${number}"><v>#VALUE!</v></c>`) },
        {
          'xl/_rels/workbook.xml.rels': relationships([
            ['s1', 'worksheet', 'worksheets/sheet1.xml'],
            ['m', 'sheetMetadata', 'metadata.xml'],
          ]).replace(
            '</Relationships>',
            `<Relationship Id="v" Type="${richRelation('rdRichValue')}" Target="richData/rdrichvalue.xml"/><Relationship Id="w" Type="${richRelation('rdRichValueStructure')}" Target="richData/rdrichvaluestructure.xml"/></Relationships>`,
          ),
          'xl/metadata.xml': `<metadata ${ns}><futureMetadata name="XLDAPR"><bk/></futureMetadata><futureMetadata name="XLRICHVALUE">${richLink(0)}${richLink(1)}${richLink(2)}${richLink(3)}</futureMetadata><valueMetadata><bk><rc t="1" v="0"/></bk><bk><rc t="1" v="1"/></bk><bk><rc t="1" v="2"/></bk><bk><rc t="1" v="3"/></bk></valueMetadata></metadata>`,
          'xl/richData/rdrichvalue.xml':
            '<rvData><rv s="0"><v>0</v><v>5</v></rv><rv s="1"><v>0</v><v>5</v><v>A red door</v></rv><rv s="2"><v>13</v></rv><rv s="3"><v>7</v><v>Contoso</v></rv></rvData>',
          'xl/richData/rdrichvaluestructure.xml':
            '<rvStructures><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/><k n="CalcOrigin"/></s><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/><k n="CalcOrigin"/><k n="Text" t="s"/></s><s t="_error"><k n="errorType"/></s><s t="_linkedentity2"><k n="%EntityServiceId"/><k n="_DisplayString" t="s"/></s></rvStructures>',
        },
      ),
    });
    expect(outcome).toMatchObject({
      kind: 'converted',
      parts: [{ text: '## S\n\n[Left out: 1 picture]\n[Picture: A red door]\n#CALC!\nContoso' }],
      leftOut: { picture: 1 },
    });
  });

  test('signs of fonts that have no letters, of a cell and of a part of its text', async () => {
    const sheet = ['<c s="1" t="s"><v>0</v></c><c t="s"><v>0</v></c><c s="1" t="s"><v>1</v></c><c s="1"><v>7</v></c>'];
    const book = xlsx(
      { S: sheet },
      {
        'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><fonts><font><name val="Arial"/></font><font><name val="Wingdings"/></font></fonts><cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="0" fontId="1"/></cellXfs></styleSheet>`,
        'xl/sharedStrings.xml': `<sst xmlns="${MAIN}"><si><t>ü</t></si><si><r><rPr><rFont val="Wingdings"/></rPr><t>û</t></r><r><rPr><rFont val="Arial"/></rPr><t> no</t></r></si></sst>`,
      },
    );
    expect(cellsOf(await textOf('a.xlsx', book))).toBe('✓,ü,✗ no,7');
  });
});

describe('places of a workbook', () => {
  test('any number of empty rows between others is one empty line', async () => {
    const data =
      '<row r="3"><c r="A3"><v>1</v></c></row><row r="4"><c r="A4" s="1"/></row><row r="9"><c r="B9"><v>2</v></c></row><row r="10"><c r="A10"><v>3</v></c></row>';
    expect(await sheetOf([], sheetXml(data))).toBe('1\n\n,2\n3');
  });

  test('rows and cells without a place follow each other', async () => {
    const data = '<row><c><v>1</v></c><c r="C1"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>';
    expect(await sheetOf([], sheetXml(data))).toBe('1,,2,3\n4');
  });

  test('cells outside of a row are one', async () => {
    expect(await sheetOf([], sheetXml(numberCell('A1', '1') + numberCell('C1', '2')))).toBe('1,,2');
  });

  test('cells in no order keep their columns, and none takes the place of another', async () => {
    expect(await sheetOf([numberCell('C1', '3') + numberCell('A1', '1') + numberCell('C1', '4')])).toBe('1,,3 4');
  });

  test('merged cells keep the others in their columns', async () => {
    const data = `<row>${textCell('A1', 'wide')}<c r="B1" s="1"/>${textCell('C1', 'c')}</row><row>${textCell('B2', 'b')}</row>`;
    const merged = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>';
    expect(await sheetOf([], sheetXml(data, merged))).toBe('wide,,c\n,b');
  });

  test('rows and columns of what lies on the sheet are none of its own', async () => {
    const control =
      '<controls><control><controlPr><anchor><from><col>5</col><row>99999999</row></from></anchor></controlPr></control></controls>';
    expect(await sheetOf([], sheetXml(`<row>${numberCell('A1', '1')}</row>`, control))).toBe('1');
  });

  test('every element may have a prefix', async () => {
    const files = {
      'xl/worksheets/sheet1.xml': `<x:worksheet xmlns:x="${MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
    };
    expect(await sheetOf([], files)).toBe('a');
  });

  test('names of parts may be written in any case, and with backslashes', async () => {
    const sheet = `<worksheet xmlns="${MAIN}"><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`;
    const book = archive({
      '_rels\\.rels': relationships([['r1', 'officeDocument', '/xl/Workbook.xml']]),
      'xl\\workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets></workbook>`,
      'xl\\_rels\\workbook.xml.rels': relationships([
        ['s1', 'worksheet', 'Worksheets\\Sheet1.xml'],
        ['t', 'sharedStrings', 'SharedStrings.xml'],
      ]),
      'XL\\worksheets\\sheet1.xml': sheet,
      'xl\\sharedstrings.xml': `<sst xmlns="${MAIN}"><si><t>shared</t></si></sst>`,
    });
    expect(await textOf('a.xlsx', book)).toBe('## S\n\nshared');
  });

  test('hidden sheets, rows and columns stay', async () => {
    const book = xlsx(
      { S: ['', numberCell('B2', '2')], T: [numberCell('A1', '3')] },
      {
        ...sheetXml('<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>'),
        'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="S" sheetId="1" state="veryHidden" r:id="s1"/><sheet name="T" sheetId="2" state="hidden" r:id="s2"/></sheets></workbook>`,
      },
    );
    expect(await textOf('a.xlsx', book)).toBe('## S\n\n1\n\n## T\n\n3');
  });
});

describe('what lies on a sheet', () => {
  test('addresses stand behind the texts of their cells, unless they are the text', async () => {
    const data = `<row>${textCell('A1', 'Offer')}${textCell('B1', 'a@b.example')}${textCell('C1', 'www.b.example')}${textCell('D1', 'inside')}</row><row><c r="A2" t="str"><f>HYPERLINK("https://d.example/x","Terms")</f><v>Terms</v></c><c r="B2" t="str"><f>HYPERLINK("https://d.example/"&amp;A1,"More")</f><v>More</v></c></row>`;
    const links =
      '<hyperlinks><hyperlink ref="A1:A3" r:id="l1" location="part"/><hyperlink ref="B1" r:id="l2"/><hyperlink ref="C1" r:id="l3"/><hyperlink ref="D1" location="T!A1"/><hyperlink ref="F9" r:id="l1"/></hyperlinks>';
    const relations = sheetRelations(
      [
        ['l1', 'hyperlink', 'https://a.example/offer?a=1'],
        ['l2', 'hyperlink', 'mailto:a@b.example'],
        ['l3', 'hyperlink', 'http://www.b.example/'],
      ],
      true,
    );
    expect(await sheetOf([], { ...sheetXml(data, links), ...relations })).toBe(
      'Offer (https://a.example/offer?a=1#part),a@b.example,www.b.example,inside\nTerms (https://d.example/x),More\n\n[Link at F9: https://a.example/offer?a=1]',
    );
  });

  test('comments, and those with replies once, stand below the rows with the texts of their cells', async () => {
    const files = {
      ...sheetRelations([
        ['c', 'comments', '../comments1.xml'],
        ['t', 'threadedComment', '../threadedComments/threadedComment1.xml'],
      ]),
      'xl/_rels/workbook.xml.rels': relationships([
        ['s1', 'worksheet', 'worksheets/sheet1.xml'],
        ['p', 'person', 'persons/person.xml'],
      ]),
      'xl/comments1.xml': `<comments xmlns="${MAIN}"><authors><author>Ann</author><author>tc={1}</author><author/></authors><commentList><comment ref="A1" authorId="0"><text><r><rPr><b/></rPr><t>Ann:</t></r><r><t xml:space="preserve">\nlate &amp; dear</t></r></text></comment><comment ref="B1" authorId="1"><text><t>[Threaded comment] for older versions</t></text></comment><comment ref="C9" authorId="2"><text><t>far</t></text></comment></commentList></comments>`,
      'xl/threadedComments/threadedComment1.xml':
        '<ThreadedComments><threadedComment ref="B1" personId="{P}" id="{1}"><text>Right?</text></threadedComment><threadedComment ref="B1" personId="{Q}" id="{2}" parentId="{1}"><text>Yes</text></threadedComment></ThreadedComments>',
      'xl/persons/person.xml':
        '<personList><person displayName="Bob" id="{P}"/><person displayName="Cleo" id="{Q}"/></personList>',
    };
    expect(await sheetOf([textCell('A1', 'Price') + numberCell('B1', '12')], files)).toBe(
      'Price,12\n\n[Comment by Ann on A1 (Price): late & dear]\n\n[Comment on C9: far]\n\n[Comment by Bob on B1 (12): Right?]\n\n[Reply by Cleo on B1 (12): Yes]',
    );
  });

  test('charts on a sheet and of a tab of their own, text boxes, pictures', async () => {
    const chart = `<c:chartSpace xmlns:c="${DRAWING}/chart" xmlns:a="${DRAWING}/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Tea</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>May</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>7</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>`;
    const drawing = (content: string): string =>
      `<xdr:wsDr xmlns:xdr="${DRAWING}/spreadsheetDrawing" xmlns:a="${DRAWING}/main" xmlns:r="${RELATIONS}" xmlns:c="${DRAWING}/chart">${content}</xdr:wsDr>`;
    const frame =
      '<xdr:graphicFrame><a:graphic><a:graphicData uri="chart"><c:chart r:id="c"/></a:graphicData></a:graphic></xdr:graphicFrame>';
    const files = {
      'xl/_rels/workbook.xml.rels': relationships([
        ['s1', 'worksheet', 'worksheets/sheet1.xml'],
        ['s2', 'chartsheet', 'chartsheets/sheet1.xml'],
      ]),
      ...sheetRelations([
        ['d', 'drawing', '../drawings/drawing1.xml'],
        ['o', 'oleObject', '../embeddings/oleObject1.bin'],
      ]),
      'xl/chartsheets/sheet1.xml': `<chartsheet xmlns="${MAIN}" xmlns:r="${RELATIONS}"><drawing r:id="d"/></chartsheet>`,
      'xl/chartsheets/_rels/sheet1.xml.rels': relationships([['d', 'drawing', '../drawings/drawing2.xml']]),
      'xl/drawings/drawing1.xml': drawing(
        `<xdr:twoCellAnchor>${frame}</xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Box"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>In a </a:t></a:r><a:r><a:t>box</a:t></a:r></a:p><a:p><a:r><a:t>two</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="Picture 3" descr="A door"/></xdr:nvPicPr></xdr:pic></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="4" name="Picture 4"/></xdr:nvPicPr></xdr:pic></xdr:twoCellAnchor>`,
      ),
      'xl/drawings/drawing2.xml': drawing(frame),
      'xl/drawings/_rels/drawing1.xml.rels': relationships([['c', 'chart', '../charts/chart1.xml']]),
      'xl/drawings/_rels/drawing2.xml.rels': relationships([['c', 'chart', '../charts/chart1.xml']]),
      'xl/charts/chart1.xml': chart,
    };
    const outcome = await converted({ 'a.xlsx': xlsx({ S: [numberCell('A1', '1')], Tab: [] }, files) });
    const table = 'Chart: Sales\n\n|  | Tea |\n| --- | --- |\n| May | 7 |';
    expect(outcome).toMatchObject({
      kind: 'converted',
      parts: [
        {
          text: `## S\n\n1\n\n${table}\n\nIn a box\n\ntwo\n\n[Picture: A door]\n\n[Left out: 1 picture]\n\n[Left out: 1 embedded object]\n\n## Tab\n\n${table}`,
        },
      ],
      leftOut: { picture: 1, 'embedded object': 1 },
    });
  });

  test('form controls stand once, with what the user chose', async () => {
    const shapes = [
      formControl('Checkbox', 'Smoker', '<x:Checked>1</x:Checked>'),
      formControl('Checkbox', 'Driver', ''),
      formControl('Radio', '', '<x:Checked>1</x:Checked>'),
      formControl('Drop', '', '<x:Sel>2</x:Sel><x:FmlaRange>$A$1:$A$3</x:FmlaRange>'),
      formControl('Spin', '', '<x:Val>30</x:Val>'),
      formControl('Button', 'Send', ''),
      formControl('Note', 'a comment', ''),
    ];
    const files = {
      ...sheetRelations([
        ['d', 'drawing', '../drawings/drawing1.xml'],
        ['v', 'vmlDrawing', '../drawings/vmlDrawing1.vml'],
        ['c', 'control', '../activeX/activeX1.xml'],
      ]),
      'xl/drawings/vmlDrawing1.vml': `<xml xmlns:v="urn:schemas-microsoft-com:vml">${shapes.join('')}</xml>`,
      'xl/drawings/drawing1.xml': `<xdr:wsDr xmlns:xdr="${DRAWING}/spreadsheetDrawing" xmlns:a="${DRAWING}/main"><mc:AlternateContent xmlns:mc="m"><mc:Choice Requires="a14"><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="1" name="Check Box 1"><a:extLst><a:ext><a14:compatExt xmlns:a14="b" spid="_x0000_sCheckbox"/></a:ext></a:extLst></xdr:cNvPr></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>Smoker</a:t></a:r></a:p></xdr:txBody></xdr:sp></mc:Choice><mc:Fallback/></mc:AlternateContent></xdr:wsDr>`,
    };
    expect(await sheetOf([numberCell('A1', '1')], files)).toBe(
      [
        '1',
        '[Form control at B41: ☒ Smoker]',
        '[Form control at B41: ☐ Driver]',
        '[Form control at B41: ☒]',
        '[Form control at B41: entry 2 of $A$1:$A$3]',
        '[Form control at B41: 30]',
        '[Form control at B41: Send]',
        '[Left out: 1 form control]',
      ].join('\n\n'),
    );
  });

  test('headers and footers stand once, without their codes', async () => {
    const margins =
      '<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Secret&amp;C&amp;K000000&amp;A&amp;RR&amp;&amp;D</oddHeader><oddFooter>&amp;LPage &amp;P of &amp;N&amp;CBy Ann, page &amp;P&amp;R&amp;D</oddFooter><firstHeader>&amp;LSecret&amp;RR&amp;&amp;D</firstHeader></headerFooter>';
    expect(await sheetOf([], sheetXml(`<row>${numberCell('A1', '1')}</row>`, margins))).toBe(
      'Header: Secret | R&D\n\n1\n\nFooter: By Ann, page #',
    );
  });

  test('a picture behind the cells is told', async () => {
    const files = sheetXml(`<row>${numberCell('A1', '1')}</row>`, '<picture r:id="p"/>');
    expect(await sheetOf([], files)).toBe('1\n\n[Left out: 1 picture]');
  });

  test('a picture in a header is told', async () => {
    const margins = '<headerFooter><oddHeader>&amp;L&amp;G&amp;RLogo</oddHeader></headerFooter>';
    expect(await sheetOf([], sheetXml(`<row>${numberCell('A1', '1')}</row>`, margins))).toBe(
      'Header: Logo\n\n[Left out: 1 picture]\n\n1',
    );
  });

  test('a workbook of headings alone is blank', async () => {
    const footer = '<headerFooter><oddFooter>&amp;CSeite &amp;P von &amp;N</oddFooter></headerFooter>';
    const book = xlsx({ S: [], T: ['<c r="A1" s="1"/>'] }, sheetXml('', footer));
    expect(await converted({ 'a.xlsx': book })).toMatchObject({ code: 'blank' });
  });
});

describe('hostile workbooks', () => {
  test.each([
    ['a column that no workbook has', numberCell('XFE1', '1')],
    ['letters without end', numberCell(`${'Z'.repeat(100_000)}1`, '1')],
    ['a row that no workbook has', numberCell('A1048577', '1')],
    ['a place that is written in an odd way', '<c r="&#90;ZZZZZ1"><v>1</v></c>'],
    ['a tag that has a quote too many', `<c r='ZZZZZZ1' x="><v>1</v></c>`],
    ['a tag that has a < in it', '<c < r="ZZZZZZ1"><v>1</v></c>'],
    ['a tag that has a > in a value', '<c x=">" r="ZZZZZZ1"><v>1</v></c>'],
    ['a cell without a row', numberCell('A', '1')],
    ['a cell without a column', numberCell('7', '1')],
    ['more cells without a place than columns', '<c/>'.repeat(16_385)],
    ['a row that is no number', `</row><row r="soon">${numberCell('A1', '1')}`],
    ['a cell that is not closed', '<c r="A1"><v>1</v>'],
    ['cells whose tags are not closed', '<c '.repeat(200_000)],
  ])('%s: refused as broken', async (_what, cells) => {
    expect(await converted({ 'a.xlsx': xlsx({ S: [cells] }) })).toMatchObject({
      kind: 'refused',
      code: 'broken-document',
    });
  });

  test('the last cell of a sheet takes no more room than its line', async () => {
    const rows = [`${numberCell('A1', '1')}</row><row r="1048576">${numberCell('XFD1048576', '2')}`];
    expect(await sheetOf(rows)).toBe(`1\n\n${','.repeat(16_383)}2`);
  });

  test('empty cells cost nothing', async () => {
    const rows = [`${numberCell('A1', '1')}</row><row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c>`];
    expect(await sheetOf(rows)).toBe('1');
  });

  test('one sheet that is named again and again is read once', async () => {
    const sheets = '<sheet name="S" sheetId="1" r:id="s1"/>'.repeat(100_000);
    const files = {
      'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${sheets}</sheets></workbook>`,
    };
    const data = '<row/>'.repeat(100_000);
    const outcome = await converted({ 'a.xlsx': xlsx({ S: [] }, { ...files, ...sheetXml(data) }) });
    expect(outcome).toMatchObject({ code: 'blank' });
  });

  test('a format without end is read as any other', async () => {
    expect(await shown(`h:m${'s'.repeat(200_000)}`, '0.5')).toBe('12:00:00');
  });

  test.each([
    ['a string that is used again and again', 'x'.repeat(100_000), '<c t="s"><v>0</v></c>'.repeat(600)],
    ['rows of far cells', 'x', `<c r="XFD1" t="s"><v>0</v></c></row><row>`.repeat(4000)],
  ])('%s: refused before it fills the memory', async (_what, string, cells) => {
    const book = xlsx({ S: [cells] }, strings(`<t>${string}</t>`));
    expect(await converted({ 'a.xlsx': book })).toMatchObject({ kind: 'refused', code: 'too-complex' });
  });

  test('a sheet that lies nowhere is told', async () => {
    const files = {
      'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="s1"/><sheet name="Module" sheetId="2" r:id=""/></sheets></workbook>`,
    };
    expect(await textOf('a.xlsx', xlsx({ S: [numberCell('A1', '1')] }, files))).toBe(
      '## S\n\n1\n\n## Module\n\n[Left out: 1 sheet]',
    );
  });

  test('comments that are named but not there are told', async () => {
    const files = sheetRelations([['c', 'comments', '../comments1.xml']]);
    expect(await sheetOf([numberCell('A1', '1')], files)).toBe('1\n\n[Left out: 1 comment]');
  });

  test('styles that are named but not there are refused: dates would be numbers', async () => {
    const files = {
      'xl/_rels/workbook.xml.rels': relationships([
        ['s1', 'worksheet', 'worksheets/sheet1.xml'],
        ['st', 'styles', 'none.xml'],
      ]),
    };
    expect(await converted({ 'a.xlsx': xlsx({ S: [numberCell('A1', '1')] }, files) })).toMatchObject({
      code: 'broken-document',
      reason: 'It has no xl/none.xml in it. Save it again.',
    });
  });

  test('a sheet that is named but not there is refused', async () => {
    const files = { 'xl/_rels/workbook.xml.rels': relationships([['s1', 'worksheet', 'worksheets/none.xml']]) };
    expect(await converted({ 'a.xlsx': xlsx({ S: [] }, files) })).toMatchObject({
      code: 'broken-document',
      reason: expect.stringContaining('worksheets/none.xml'),
    });
  });
});
