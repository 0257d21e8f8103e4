import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { COVERED, cell, frame, item, list, object, p, row, table, textStyle } from './odf-markup.ts';
import { odfContent, odfPart, openDocument } from './office-files.ts';

const odt = (body: string, styles = '', extra: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf('a.odt', openDocument('text', body, styles, extra));
const word = (type: string, ...parameters: readonly string[]): string =>
  `<field:fieldmark field:type="vnd.oasis.opendocument.field.${type}">${parameters.join('')}</field:fieldmark>`;
const parameter = (name: string, value: string): string => `<field:param field:name="${name}" field:value="${value}"/>`;
const inFont = (name: string, font: string): string =>
  `<style:style style:name="${name}" style:family="text"><style:text-properties style:font-name="${font}"/></style:style>`;
const ods = (body: string, styles = '', extra: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf('a.ods', openDocument('spreadsheet', body, styles, extra));
const headedPage = (name: string, text: string): string =>
  `<style:master-page style:name="${name}"><style:header><style:region-left>${p(text)}</style:region-left><style:region-right>${p('<text:sheet-name>???</text:sheet-name>')}</style:region-right></style:header></style:master-page>`;
const sheet = (content: string): string => `<table:table table:name="T" table:style-name="ta">${content}</table:table>`;
const value = (type: string, attributes: string, shown: string): string =>
  cell(shown, `office:value-type="${type}" ${attributes} calcext:value-type="${type}"`);
const odp = (body: string, extra: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf('a.odp', openDocument('presentation', body, '', extra));
const page = (name: string, content: string, attributes = ''): string =>
  `<draw:page draw:name="${name}" draw:master-page-name="M" ${attributes}>${content}</draw:page>`;

describe('what is drawn in OpenDocument texts', () => {
  test('text in shapes and boxes stands apart, each paragraph for itself', async () => {
    const body =
      p('before <draw:custom-shape><text:p>Alpha</text:p><text:p>Beta</text:p></draw:custom-shape>after') +
      p(frame(`<draw:text-box>${p('boxed')}</draw:text-box>`)) +
      `<draw:a xlink:href="https://example.org"><draw:g><svg:title>Group</svg:title><draw:rect>${p('in a group')}</draw:rect></draw:g></draw:a>`;
    expect(await odt(body)).toBe(
      'before after\n\nAlpha\n\nBeta\n\nboxed\n\n[Picture: Group]\n\nin a group\n\n[Link: https://example.org]',
    );
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

  test('signs of fonts that have no letters', async () => {
    const body = p(
      '<text:span text:style-name="W">\uF0FC ü<text:span text:style-name="A"> ü</text:span></text:span> ü',
    );
    expect(await odt(body, inFont('W', 'Wingdings') + inFont('A', 'Arial'))).toBe('✓ ✓ ü ü');
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
  test.each([
    ['zeros before it', '123', '00123', '00123'],
    ['zeros before it, below nothing', '-7', '-007', '-007'],
    ['a unit', '12', '12 kg', '12 kg'],
    ['a unit behind a number with more digits than are shown', '1234.56', '1.234,6 kg', '1234.56 kg'],
    ['a unit behind a number that is shown as the next', '12.6', '13 kg', '12.6 kg'],
    ['millions', '1234567', '1.2 M', '1234567'],
    ['a power of ten', '1500', '1.5E+03', '1500'],
    ['a number that is shown as a date', '45000', '15 March', '45000'],
    ['digits in groups', '1234567', '1 234 567', '1234567'],
  ])('a number with %s', async (_what, stored, shown, text) => {
    expect(await ods(table(row(value('float', `office:value="${stored}"`, shown))))).toBe(`## T\n\n${text}`);
  });

  test('an amount has its currency, also if only the sign is shown', async () => {
    const amounts = [
      value('currency', 'office:value="5" office:currency="CHF"', 'Fr. 5.00'),
      value('currency', 'office:value="1234.5"', '$1,234.50'),
      value('currency', 'office:value="7"', '7.00'),
    ];
    expect(await ods(table(row(...amounts)))).toBe('## T\n\n5 CHF,1234.5 $,7');
  });

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
        cell(
          'site',
          'table:formula="of:=HYPERLINK(&quot;https://example.org&quot;;&quot;site&quot;)" office:value-type="string"',
        ),
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
        'kept,"two\n10<sup>6</sup>",[site](https://example.org)',
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
    const styles = odfPart(
      'styles',
      `<office:master-styles>${headedPage('Default', 'Draft')}${headedPage('Own', 'Final')}</office:master-styles>`,
    );
    const tableStyle =
      '<style:style style:name="ta" style:family="table" style:master-page-name="Own"><style:table-properties/></style:style>';
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
  ])('more %s than anybody has are refused, in sheets and in texts', async (_name, rows) => {
    const refused = { kind: 'refused', code: 'too-complex' };
    expect(await converted({ 'a.ods': openDocument('spreadsheet', table(rows)) })).toMatchObject(refused);
    expect(await converted({ 'a.odt': openDocument('text', table(rows)) })).toMatchObject(refused);
  });
});

describe('OpenDocument presentations', () => {
  test('slides have their titles, notes and comments, and once what stands on all of them', async () => {
    const body = [
      '<presentation:footer-decl presentation:name="f">Confidential</presentation:footer-decl>',
      '<presentation:date-time-decl presentation:name="d" presentation:source="fixed">November</presentation:date-time-decl>',
      page(
        'page1',
        frame(`<draw:text-box>${p('Big')}${p('title')}</draw:text-box>`, 'presentation:class="title"') +
          frame(`<draw:text-box>${list('', item(p('one')))}</draw:text-box>`, 'presentation:class="outline"') +
          `<office:annotation><dc:creator>Ann</dc:creator>${p('too big')}</office:annotation>` +
          `<presentation:notes><draw:page-thumbnail/>${frame(`<draw:text-box>${p('aloud')}</draw:text-box>`, 'presentation:class="notes"')}${frame(`<draw:text-box>${p('1')}</draw:text-box>`, 'presentation:class="page-number"')}</presentation:notes>`,
        'presentation:use-footer-name="f" presentation:use-date-time-name="d"',
      ),
      page('Costs', frame(table(row(cell('a'), cell('b')))), 'presentation:use-footer-name="f"'),
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
        'On each slide: Confidential\nACME',
        'On some slides: November',
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
