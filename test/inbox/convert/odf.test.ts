import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { odfContent, odfPart, openDocument } from './office-files.ts';

const odt = (body: string, styles = '', extra: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf('a.odt', openDocument('text', body, styles, extra));
const p = (text: string): string => `<text:p>${text}</text:p>`;
const cell = (text: string, attributes = ''): string => `<table:table-cell ${attributes}>${p(text)}</table:table-cell>`;
const row = (...cells: readonly string[]): string => `<table:table-row>${cells.join('')}</table:table-row>`;
const table = (...rows: readonly string[]): string => `<table:table table:name="T">${rows.join('')}</table:table>`;
const item = (...content: readonly string[]): string => `<text:list-item>${content.join('')}</text:list-item>`;
const list = (attributes: string, ...items: readonly string[]): string =>
  `<text:list ${attributes}>${items.join('')}</text:list>`;
const level = (number: number, attributes: string): string =>
  `<text:list-level-style-number text:level="${number}" ${attributes}/>`;
const listStyle = (name: string, ...levels: readonly string[]): string =>
  `<text:list-style style:name="${name}">${levels.join('')}</text:list-style>`;
const textStyle = (name: string, properties: string, more = ''): string =>
  `<style:style style:name="${name}" style:family="text" ${more}><style:text-properties ${properties}/></style:style>`;
const frame = (content: string, attributes = ''): string => `<draw:frame ${attributes}>${content}</draw:frame>`;
const object = (href: string): string => `<draw:object xlink:href="${href}"/>`;
const COVERED = '<table:covered-table-cell/>';

describe('tables of OpenDocument texts', () => {
  test('merged cells leave empty ones, so that all others stand in their columns', async () => {
    const body = table(
      row(cell('Region'), cell('Product'), cell('Price')),
      row(cell('North', 'table:number-rows-spanned="2"'), cell('Apple'), cell('10')),
      row(COVERED, cell('Pear'), cell('20')),
      row(cell('Sum', 'table:number-columns-spanned="2"'), COVERED, cell('30')),
    );
    expect(await odt(body)).toBe(
      '| Region | Product | Price |\n| --- | --- | --- |\n| North | Apple | 10 |\n|  | Pear | 20 |\n| Sum |  | 30 |',
    );
  });

  test('merged cells without the covered ones are put in their columns too', async () => {
    const body = table(
      row(cell('a', 'table:number-columns-spanned="2"'), cell('b')),
      row(cell('c'), cell('d'), cell('e')),
    );
    expect(await odt(body)).toBe('| a |  | b |\n| --- | --- | --- |\n| c | d | e |');
  });

  test('repeated cells, head rows, lists and tables in cells; a table of one cell is its text', async () => {
    const body = `${table(
      `<table:table-header-rows>${row(cell('h', 'table:number-columns-repeated="2"'))}</table:table-header-rows>`,
      row(`<table:table-cell>${list('', item(p('x')), item(p('y')))}</table:table-cell>`, cell('a|b')),
    )}${table(row(cell('alone')))}`;
    expect(await odt(body)).toBe('| h | h |\n| --- | --- |\n| - x<br>- y | a\\|b |\n\nalone');
  });
});

describe('numbers of OpenDocument lists and headings', () => {
  const NUMBERS = listStyle(
    'L',
    level(1, 'style:num-format="1" style:num-suffix="." text:start-value="5"'),
    level(2, 'style:num-format="a" style:num-prefix="(" style:num-suffix=")"'),
    level(3, 'style:num-format="I" text:display-levels="3"'),
  );

  test('levels have their own numerals, and start where they say', async () => {
    const inner = list('', item(p('c'), list('', item(p('d')))), item(p('e')));
    const body = list('text:style-name="L"', item(p('a')), item(p('b'), inner), item(p('f')));
    expect(await odt(body, NUMBERS)).toBe('5. a\n6. b\n  (a) c\n    6.a.I d\n  (b) e\n7. f');
  });

  test('a list goes on where one before it ended, if it says so', async () => {
    const body = [
      list('text:style-name="L" xml:id="one"', item(p('a')), item(p('b'))),
      list('text:style-name="L"', item(p('new'))),
      list('text:style-name="L" text:continue-numbering="true"', item(p('next'))),
      list('text:style-name="L" text:continue-list="one"', item(p('c'))),
      list('text:style-name="L"', '<text:list-item text:start-value="40"><text:p>d</text:p></text:list-item>'),
    ].join(p('-'));
    expect(await odt(body, NUMBERS)).toBe('5. a\n6. b\n\n-\n\n5. new\n\n-\n\n6. next\n\n-\n\n7. c\n\n-\n\n40. d');
  });

  test('what is written out by the program, heads of lists, and items that hold a list only', async () => {
    const body = list(
      'text:style-name="L"',
      '<text:list-header><text:p>head</text:p></text:list-header>',
      item('<text:number>§ 9</text:number>', p('a'), p('more')),
      item(list('', item(p('b')))),
      item(p('c')),
    );
    expect(await odt(body, NUMBERS)).toBe('head\n§ 9 a\n  more\n  (a) b\n6. c');
  });

  test('numbers of other kinds: a whole pattern, aa after z, bullets that say something, none', async () => {
    const styles = [
      listStyle('P', level(1, 'style:num-format="1" style:num-list-format="Art. %1%)" style:num-suffix="."')),
      listStyle('S', level(1, 'style:num-format="a" style:num-letter-sync="true" text:start-value="28"')),
      listStyle('B', '<text:list-level-style-bullet text:level="1" text:bullet-char="☑"/>'),
      listStyle('N', level(1, 'style:num-format=""')),
    ].join('');
    const body = ['P', 'S', 'B', 'N', 'none'].map((name) => list(`text:style-name="${name}"`, item(p('x')))).join('');
    expect(await odt(body, styles)).toBe('Art. 1) x\n\nbb x\n\n- ☑ x\n\nx\n\n- x');
  });

  test('a paragraph may name its list', async () => {
    const numbered = (text: string): string =>
      `<text:numbered-paragraph text:list-id="i" text:style-name="L" text:level="1">${p(text)}</text:numbered-paragraph>`;
    expect(await odt(numbered('a') + p('-') + numbered('b'), NUMBERS)).toBe('5. a\n\n-\n\n6. b');
  });

  test('headings have their numbers, also those that stand in lists', async () => {
    const styles = odfPart(
      'styles',
      '<office:styles><text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style><style:style style:name="Free" style:family="paragraph" style:list-style-name=""/></office:styles>',
    );
    const heading = (text: string, at: number, more = ''): string =>
      `<text:h text:outline-level="${at}" ${more}>${text}</text:h>`;
    const body = [
      heading('One', 1),
      heading('Free', 1, 'text:style-name="Free"'),
      heading('Two', 1),
      heading('Two one', 2),
      heading('No number', 2, 'text:is-list-header="true"'),
      list('text:style-name="L"', item(heading('Listed', 2))),
    ].join('');
    expect(await odt(body, NUMBERS, { 'styles.xml': styles })).toBe(
      '# 1 One\n\n# Free\n\n# 2 Two\n\n## 2.1 Two one\n\n## No number\n\n## 5. Listed',
    );
  });
});

describe('paragraphs of OpenDocument texts', () => {
  test('raised, lowered and struck text is marked, also by a style that it is based on', async () => {
    const styles = [
      textStyle('Up', 'style:text-position="super 58%"'),
      textStyle('Based', 'style:font-name="x"', 'style:parent-style-name="Up"'),
      textStyle('Down', 'style:text-position="-33% 58%"'),
      textStyle('Flat', 'style:text-position="0% 100%"'),
      textStyle('Struck', 'style:text-line-through-style="solid"'),
    ].join('');
    const span = (name: string, text: string): string => `<text:span text:style-name="${name}">${text}</text:span>`;
    const body = p(
      `10${span('Up', '6')} m${span('Up', '2')}${span('Based', '3')} H${span('Down', '2')}O ${span('Flat', 'flat')} ${span('Struck', 'old')} new${span('Up', '')}`,
    );
    expect(await odt(body, styles)).toBe('10<sup>6</sup> m<sup>23</sup> H<sub>2</sub>O flat ~~old~~ new');
  });

  test('white space is one blank, whatever elements it is spread over', async () => {
    expect(await odt('<text:p>\n  a <text:span> b</text:span>\n  <text:span>c</text:span></text:p>')).toBe('a b c');
  });

  test('ruby, links, notes, comments, fields, changes', async () => {
    const body =
      p('<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>') +
      p(
        '<text:a xlink:href="https://example.org/x y">site</text:a>, <text:a xlink:href="https://example.org/">example.org</text:a>, <text:a xlink:href="#there">there</text:a>',
      ) +
      p(
        'a<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>first</text:p></text:note-body></text:note> b<text:note><text:note-citation>i</text:note-citation><text:note-body><text:p>last</text:p><text:p>more</text:p></text:note-body></text:note>',
      ) +
      p(
        'c<office:annotation><dc:creator>Ann</dc:creator><dc:date>2026-01-01T00:00:00</dc:date><text:p>why?</text:p><text:p>really?</text:p></office:annotation> d<office:annotation-end/>',
      ) +
      '<text:tracked-changes><text:changed-region><text:deletion><text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>' +
      p('kept <text:change-start text:change-id="c"/>inserted<text:change-end text:change-id="c"/>') +
      p(
        '<text:hidden-text text:string-value="hidden" text:is-hidden="true"/> <text:expression text:formula="ooow:a+b"/> <text:page-number>3</text:page-number> <text:placeholder>&lt;name&gt;</text:placeholder>',
      );
    expect(await odt(body)).toBe(
      [
        '漢字(かんじ)',
        '[site](https://example.org/x%20y), example.org, there',
        'a[^1] b[^2]',
        'c [Comment by Ann: why? really?] d',
        'kept inserted',
        'hidden =a+b 3 <name>',
        '[^1]: first',
        '[^2]: last\nmore',
      ].join('\n\n'),
    );
  });

  test('text in elements that nobody knows is read', async () => {
    expect(
      await odt('<new:block>loose <new:inner>text</new:inner></new:block><new:box><text:p>in it</text:p></new:box>'),
    ).toBe('loose text\n\nin it');
  });

  test('indexes are there, and what they are made by is not', async () => {
    const body =
      '<text:table-of-content><text:table-of-content-source><text:index-title-template>Template</text:index-title-template></text:table-of-content-source><text:index-body><text:index-title><text:p>Contents</text:p></text:index-title><text:p>One<text:tab/>1</text:p></text:index-body></text:table-of-content>';
    expect(await odt(body)).toBe('Contents\n\nOne\t1');
  });

  test('headers and footers are there once; those of page numbers alone are not', async () => {
    const page = (name: string, header: string): string =>
      `<style:master-page style:name="${name}"><style:header>${header}</style:header><style:footer><text:p><text:page-number>1</text:page-number> / <text:page-count>9</text:page-count></text:p></style:footer><style:footer-left style:display="false"><text:p>unused</text:p></style:footer-left></style:master-page>`;
    const styles = odfPart(
      'styles',
      `<office:master-styles>${page('First', p('ACME, page <text:page-number>1</text:page-number>'))}${page('Standard', p('ACME, page <text:page-number>1</text:page-number>'))}</office:master-styles>`,
    );
    expect(await odt(p('text'), '', { 'styles.xml': styles })).toBe('Header: ACME, page 1\n\ntext');
  });
});

describe('what is drawn in OpenDocument texts', () => {
  test('text in shapes and boxes stands apart, each paragraph for itself', async () => {
    const body =
      p('before <draw:custom-shape><text:p>Alpha</text:p><text:p>Beta</text:p></draw:custom-shape>after') +
      p(frame(`<draw:text-box>${p('boxed')}</draw:text-box>`)) +
      `<draw:g><svg:title>Group</svg:title><draw:rect>${p('in a group')}</draw:rect></draw:g>`;
    expect(await odt(body)).toBe('before after\n\nAlpha\n\nBeta\n\nboxed\n\n[Picture: Group]\n\nin a group');
  });

  test('pictures are told by their description, else counted; so are sounds, videos, and objects that nobody can read', async () => {
    const picture = '<draw:image xlink:href="Pictures/1.png"/>';
    const body =
      p(`see ${frame(`${picture}<svg:title>Chart</svg:title><svg:desc>rising</svg:desc>`)} and ${frame(picture)}`) +
      p(frame(`${picture}<draw:image xlink:href="Pictures/1.svg"/>`)) +
      p(frame(`<draw:plugin xlink:href="Media/a.mp4"/>${picture}`)) +
      p(frame(`<draw:plugin xlink:href="Media/a.mp3"/>${picture}`)) +
      p(frame(`<draw:object-ole xlink:href="./Object 2"/>${picture}<svg:desc>a sheet</svg:desc>`)) +
      p(frame(`${object('./Object 3')}${picture}`)) +
      '<draw:custom-shape draw:style-name="photo"/>';
    const styles =
      '<style:style style:name="photo" style:family="graphic"><style:graphic-properties draw:fill="bitmap"/></style:style>';
    const outcome = await converted({ 'a.odt': openDocument('text', body, styles) });
    expect(outcome).toEqual({
      kind: 'converted',
      parts: [
        {
          kind: 'text',
          text: [
            'see [Picture: Chart: rising] and [Left out: 1 picture]',
            '[Left out: 1 picture]',
            '[Left out: 1 video]',
            '[Left out: 1 audio recording]',
            '[Picture: a sheet] [Left out: 1 embedded object]',
            '[Left out: 1 embedded object]',
            '[Left out: 1 picture]',
          ].join('\n\n'),
        },
      ],
      leftOut: { picture: 3, video: 1, 'audio recording': 1, 'embedded object': 2 },
      readers: ['odt/2'],
    });
  });

  test('formulas stand in their line, charts are their titles and values, embedded documents are read', async () => {
    const math =
      '<math><semantics><mrow><mi>E</mi><mo>=</mo><mfrac><mi>m</mi><mn>2</mn></mfrac></mrow><annotation encoding="StarMath 5.0">E = m over 2</annotation></semantics></math>';
    const chart = `<chart:chart><chart:title>${p('Revenue')}</chart:title><chart:plot-area><chart:axis><chart:title>${p('Year')}</chart:title></chart:axis></chart:plot-area><table:table><table:table-header-rows>${row('<table:table-cell/>', cell('Sales'))}</table:table-header-rows><table:table-rows>${row(cell('2024'), cell('4.242', 'office:value="4242"'))}${row(cell('2025'), cell('NaN', 'office:value="NaN"'))}</table:table-rows></table:table></chart:chart>`;
    const body =
      p(`As ${frame(object('./Object 1'))} says:`) +
      p(frame(object('./Object 2'))) +
      p(frame(object('./Object 3'))) +
      p(frame(`<draw:object><math><mi>x</mi></math></draw:object>`)) +
      p(frame(object('./Object 4')));
    const text = await odt(body, '', {
      'Object 1/content.xml': math,
      'Object 2/content.xml': odfContent('chart', chart),
      'Object 3/content.xml': odfContent('spreadsheet', table(row(cell('a'), cell('b')))),
      'Object 4/content.xml': odfContent('text', p(`inside ${frame(object('../Object 4'))}`)),
    });
    expect(text).toBe(
      [
        'As $E=m/2$ says:',
        'Chart: Revenue',
        'Axes: Year',
        '|  | Sales |\n| --- | --- |\n| 2024 | 4242 |\n| 2025 |  |',
        '## T',
        'a,b',
        '$x$',
        'inside [Left out: 1 embedded object]',
      ].join('\n\n'),
    );
  });

  test('a chart without values is left out', async () => {
    const outcome = await converted({
      'a.odt': openDocument('text', p(frame(object('./Object 1'))), '', {
        'Object 1/content.xml': odfContent('chart', '<chart:chart/>'),
      }),
    });
    expect(outcome).toEqual({ kind: 'refused', code: 'blank', reason: expect.stringContaining('1 chart') });
  });

  test('controls of forms show their values: boxes, what is chosen, what was filled in', async () => {
    const controls = [
      '<form:checkbox form:id="c1" form:current-state="checked" form:label="Yes"/>',
      '<form:checkbox form:id="c2" form:label="No"/>',
      '<form:radio xml:id="c3" form:current-selected="true" form:label="Monthly"/>',
      '<form:text form:id="c4" form:value="" form:current-value="Jane"/>',
      '<form:listbox form:id="c5"><form:option form:label="A"/><form:option form:label="B" form:current-selected="true"/></form:listbox>',
      '<form:fixed-text form:id="c6" form:label="Name"/>',
      '<form:textarea form:id="c7"><text:p>long</text:p></form:textarea>',
    ];
    const ids = [1, 2, 3, 6, 4, 5, 7, 8];
    const body = `<office:forms><form:form>${controls.join('')}</form:form></office:forms>${p(ids.map((id) => `<draw:control draw:control="c${id}"/>`).join(' '))}`;
    const word = (type: string, ...parameters: readonly string[]): string =>
      `<field:fieldmark field:type="vnd.oasis.opendocument.field.${type}">${parameters.join('')}</field:fieldmark>`;
    const parameter = (name: string, value: string): string =>
      `<field:param field:name="${name}" field:value="${value}"/>`;
    const marks = p(
      [
        word('FORMCHECKBOX', parameter('Checkbox_Checked', 'true')),
        word('FORMCHECKBOX'),
        word(
          'FORMDROPDOWN',
          parameter('Dropdown_ListEntry', 'first'),
          parameter('Dropdown_ListEntry', 'second'),
          parameter('Dropdown_Selected', '1'),
        ),
      ].join(' '),
    );
    expect(await odt(body + marks)).toBe(
      '☒ Yes ☐ No ☒ Monthly Name Jane B long [Left out: 1 form control]\n\n☒ ☐ second',
    );
  });
});

describe('OpenDocument spreadsheets', () => {
  const ods = (body: string, styles = '', extra: Readonly<Record<string, string>> = {}): Promise<string> =>
    textOf('a.ods', openDocument('spreadsheet', body, styles, extra));
  const value = (type: string, attributes: string, shown: string): string =>
    cell(shown, `office:value-type="${type}" ${attributes} calcext:value-type="${type}"`);

  test('values are as they are stored, dates and times in one form, errors and uncalculated formulas told', async () => {
    const rows = [
      row(
        value('float', 'office:value="0.30000000000000004"', '0.3'),
        value('percentage', 'office:value="0.07"', '7 %'),
        value('currency', 'office:value="1234.5" office:currency="EUR"', '1.234,50 €'),
      ),
      row(
        value('date', 'office:date-value="2026-11-30"', '30.11.26'),
        value('date', 'office:date-value="2023-03-15T13:44:59.999999999"', '13:45'),
        value('date', 'office:date-value="2023-03-15T12:00:00"', '12:00'),
      ),
      row(
        value('time', 'office:time-value="PT36H30M00S"', '36:30'),
        value('time', 'office:time-value="-PT00H05M30.6S"', '-5:30'),
        value('boolean', 'office:boolean-value="true"', 'WAHR'),
      ),
      row(
        cell(
          '#DIV/0!',
          'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"',
        ),
        cell('Err:502', 'table:formula="of:=X" office:value-type="float" office:value="0"'),
        '<table:table-cell table:formula="of:=SUM([.A1:.B2];[$Other.C3])"/>',
      ),
      row(
        '<table:table-cell office:value-type="string" office:string-value="kept"/>',
        `<table:table-cell office:value-type="string">${p('two')}${p('10<text:span text:style-name="Up">6</text:span>')}</table:table-cell>`,
        value('string', '', 'a, b'),
      ),
    ];
    expect(await ods(table(...rows), textStyle('Up', 'style:text-position="super"'))).toBe(
      [
        '## T',
        '',
        '0.30000000000000004,0.07,1234.5 EUR',
        '2026-11-30,2023-03-15T13:45:00,2023-03-15T12:00:00',
        '36:30:00,-00:05:31,true',
        '#DIV/0!,Err:502,=SUM(A1:B2;$Other.C3)',
        'kept,"two\n10<sup>6</sup>","a, b"',
      ].join('\n'),
    );
  });

  test('repeated cells and rows are there as often as they stand there, gaps are one empty line', async () => {
    const gap =
      '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>';
    const body = table(
      gap,
      `<table:table-row-group>${row(cell('a', 'table:number-columns-repeated="3"'), COVERED, cell('b'))}</table:table-row-group>`,
      gap,
      gap,
      `<table:table-row table:number-rows-repeated="2">${cell('c')}</table:table-row>`,
      gap,
    );
    expect(await ods(body)).toBe('## T\n\na,a,a,,b\n\nc\nc');
  });

  test('comments, shapes, charts and titles stand below their sheet', async () => {
    const noted = `<table:table-cell office:value-type="float" office:value="7"><office:annotation><dc:creator>Ann</dc:creator>${p('why 7?')}</office:annotation>${p('7')}<draw:rect>${p('tied to it')}</draw:rect></table:table-cell>`;
    const body = table(
      '<table:title>Sales</table:title>',
      `<table:shapes><draw:custom-shape>${p('on the sheet')}</draw:custom-shape>${frame('<draw:image xlink:href="a.png"/>')}</table:shapes>`,
      row('<table:table-cell table:number-columns-repeated="27"/>', noted),
    );
    expect(await ods(body)).toBe(
      `## T\n\n${','.repeat(27)}7\n\n[Comment by Ann on AB1 (7): why 7?]\n\ntied to it\n\nSales\n\non the sheet\n\n[Left out: 1 picture]`,
    );
  });

  test('headers and footers of the pages that are used are there, and are nothing to ask about alone', async () => {
    const page = (name: string, text: string): string =>
      `<style:master-page style:name="${name}"><style:header><style:region-left>${p(text)}</style:region-left><style:region-right>${p('<text:sheet-name>???</text:sheet-name>')}</style:region-right></style:header></style:master-page>`;
    const styles = odfPart(
      'styles',
      `<office:master-styles>${page('Default', 'Draft')}${page('Own', 'Final')}</office:master-styles>`,
    );
    const tableStyle =
      '<style:style style:name="ta" style:family="table" style:master-page-name="Own"><style:table-properties/></style:style>';
    const sheet = (content: string): string =>
      `<table:table table:name="T" table:style-name="ta">${content}</table:table>`;
    expect(await ods(sheet(row(cell('x'))), tableStyle, { 'styles.xml': styles })).toBe('## T\n\nx\n\nHeader: Final');
    const empty = openDocument('spreadsheet', sheet(''), tableStyle, { 'styles.xml': styles });
    expect(await converted({ 'a.ods': empty })).toMatchObject({ kind: 'refused', code: 'blank' });
  });

  test.each([
    ['cells in a row', row(cell('x', 'table:number-columns-repeated="1000000000000"'))],
    [
      'empty cells before one',
      row('<table:table-cell table:number-columns-repeated="99999999999999999999"/>', cell('x')),
    ],
    ['rows', `<table:table-row table:number-rows-repeated="1000000000000">${cell('x')}</table:table-row>`],
    ['characters', `<table:table-row table:number-rows-repeated="1000000">${cell('x'.repeat(1000))}</table:table-row>`],
  ])('more %s than anybody has are refused', async (_name, rows) => {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is easier to follow when one fails
    for (const kind of ['spreadsheet', 'text'])
      expect(await converted({ a: openDocument(kind, table(rows)) })).toMatchObject({
        kind: 'refused',
        code: 'too-complex',
      });
  });
});

describe('OpenDocument presentations', () => {
  const odp = (body: string, extra: Readonly<Record<string, string>> = {}): Promise<string> =>
    textOf('a.odp', openDocument('presentation', body, '', extra));

  test('slides have their titles, notes and comments, and once what stands on all of them', async () => {
    const page = (name: string, content: string): string =>
      `<draw:page draw:name="${name}" draw:master-page-name="M">${content}</draw:page>`;
    const body = [
      '<presentation:footer-decl presentation:name="f">Confidential</presentation:footer-decl>',
      page(
        'page1',
        frame(`<draw:text-box>${p('Big')}${p('title')}</draw:text-box>`, 'presentation:class="title"') +
          frame(`<draw:text-box>${list('', item(p('one')))}</draw:text-box>`, 'presentation:class="outline"') +
          `<office:annotation><dc:creator>Ann</dc:creator>${p('too big')}</office:annotation>` +
          `<presentation:notes><draw:page-thumbnail/>${frame(`<draw:text-box>${p('aloud')}</draw:text-box>`, 'presentation:class="notes"')}${frame(`<draw:text-box>${p('1')}</draw:text-box>`, 'presentation:class="page-number"')}</presentation:notes>`,
      ),
      page('Costs', frame(table(row(cell('a'), cell('b'))))),
    ].join('');
    const styles = odfPart(
      'styles',
      `<office:master-styles><style:master-page style:name="M">${frame(`<draw:text-box>${p('Click to edit')}</draw:text-box>`, 'presentation:class="title"')}<draw:custom-shape>${p('ACME')}</draw:custom-shape></style:master-page><style:master-page style:name="Unused"><draw:custom-shape>${p('Other')}</draw:custom-shape></style:master-page></office:master-styles>`,
    );
    expect(await odp(body, { 'styles.xml': styles })).toBe(
      [
        '## Slide 1',
        '### Big title',
        '- one',
        '[Comment by Ann: too big]',
        'Notes: aloud',
        '## Costs',
        '| a | b |\n| --- | --- |',
        'On each slide: Confidential',
        'On each slide: ACME',
      ].join('\n\n'),
    );
  });

  test('slides of which nothing can be read are not sent', async () => {
    const body = `<draw:page draw:name="page1">${frame('<draw:image xlink:href="a.png"/>')}</draw:page><draw:page draw:name="Empty"/>`;
    expect(await converted({ 'a.odp': openDocument('presentation', body) })).toEqual({
      kind: 'refused',
      code: 'blank',
      reason: expect.stringContaining('1 picture'),
    });
  });
});

test('an OpenDocument database says what helps', async () => {
  expect(await converted({ 'a.odb': openDocument('database', '<db:data-source/>') })).toEqual({
    kind: 'refused',
    code: 'unsupported-type',
    reason: expect.stringContaining('PDF'),
  });
});
