import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { archive, relationships } from './office-files.ts';

type Files = Readonly<Record<string, string>>;
type Relation = readonly [id: string, type: string, target: string];

const root = (name: string, inside: string): string =>
  `<?xml version="1.0"?><p:${name} xmlns:p="p" xmlns:a="a" xmlns:r="r" xmlns:m="m" xmlns:mc="mc" xmlns:a14="a14" xmlns:c="c" xmlns:dgm="dgm">${inside}</p:${name}>`;
const page = (name: string, shapes: string, more = ''): string =>
  root(name, `<p:cSld>${more}<p:spTree>${shapes}</p:spTree></p:cSld>`);

/** A presentation; each slide is what is in its tree of shapes, or all of its XML. `slide`: what the first refers to. */
function deck(slides: readonly string[], files: Files = {}, slide: readonly Relation[] = []): Buffer {
  const ids = slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="s${index}"/>`);
  const parts = slides.map((shapes, index) => [
    `ppt/slides/slide${index}.xml`,
    shapes.startsWith('<?xml') ? shapes : page('sld', shapes),
  ]);
  return archive({
    '[Content_Types].xml': '<Types/>',
    'ppt/presentation.xml': root(
      'presentation',
      // Sections name slides again.
      `<p:sldIdLst>${ids.join('')}</p:sldIdLst><p:extLst><p14:sectionLst><p14:sldId id="256"/></p14:sectionLst></p:extLst>`,
    ),
    'ppt/_rels/presentation.xml.rels': relationships([
      ...slides.map((_, index) => [`s${index}`, 'slide', `slides/slide${index}.xml`] as const),
      ['a', 'commentAuthors', 'commentAuthors.xml'],
      ['b', 'authors', 'authors.xml'],
    ]),
    'ppt/slides/_rels/slide0.xml.rels': relationships(slide),
    ...Object.fromEntries(parts),
    ...files,
  });
}

const read = (slides: readonly string[], files: Files = {}, slide: readonly Relation[] = []): Promise<string> =>
  textOf('a.pptx', deck(slides, files, slide));
const run = (text: string, looks = ''): string => `<a:r><a:rPr ${looks}/><a:t>${text}</a:t></a:r>`;
const p = (text: string, properties = ''): string => `<a:p><a:pPr ${properties}</a:pPr>${run(text)}</a:p>`;
const bare = (text: string): string => `<a:p>${run(text)}</a:p>`;
const shape = (paragraphs: string, place = '', description = ''): string =>
  `<p:sp><p:nvSpPr><p:cNvPr id="1" name="n" descr="${description}"/><p:nvPr>${place}</p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>${paragraphs}</p:txBody></p:sp>`;
const frame = (content: string, description = ''): string =>
  `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="2" name="n" descr="${description}"/></p:nvGraphicFramePr><a:graphic><a:graphicData>${content}</a:graphicData></a:graphic></p:graphicFrame>`;
const picture = (description: string, more = ''): string =>
  `<p:pic><p:nvPicPr><p:cNvPr id="3" name="n" descr="${description}"/><p:nvPr>${more}</p:nvPr></p:nvPicPr><p:blipFill/></p:pic>`;

const link = (id: string, text: string): string =>
  `<a:r><a:rPr><a:hlinkClick r:id="${id}"/></a:rPr><a:t>${text}</a:t></a:r>`;
const place = (type: string, index: string): string => `<p:ph type="${type}" idx="${index}"/>`;
const cell = (text: string, attributes = ''): string =>
  `<a:tc ${attributes}><a:txBody>${text === '' ? '<a:p/>' : bare(text)}</a:txBody></a:tc>`;
const row = (...cells: readonly string[]): string => `<a:tr>${cells.join('')}</a:tr>`;
const field = (type: string, text: string): string => `<a:p><a:fld type="${type}"><a:t>${text}</a:t></a:fld></a:p>`;
const inFont = (kind: string, text: string): string =>
  `<a:r><a:rPr><a:${kind} typeface="Wingdings"/></a:rPr><a:t>${text}</a:t></a:r>`;
const LINKS = relationships([
  ['l1', 'hyperlink', 'https://example.org/a'],
  ['l2', 'slide', 'slide1.xml'],
]).replace('Id="l1"', 'Id="l1" TargetMode="External"');
/** What becomes of one slide that a presentation names so often. */
function named(times: number, text: string): Promise<unknown> {
  const names = Array.from({ length: times }, () => '<p:sldId r:id="s0"/>').join('');
  const main = root('presentation', `<p:sldIdLst>${names}</p:sldIdLst>`);
  return converted({ 'a.pptx': deck([shape(bare(text))], { 'ppt/presentation.xml': main }) });
}

describe('text of slides', () => {
  test('tables of programs that write no covered cells keep their columns', async () => {
    const table = `<a:tbl>${row(cell('wide', 'gridSpan="2"'), cell('c'), cell('high', 'rowSpan="2"'))}${row(cell('1'), cell('2'), cell('3'))}${row(cell('4'), cell('5'), cell('6'), cell('7'))}</a:tbl>`;
    expect(await read([frame(table)])).toBe(
      '## Slide 1\n\n| wide |  | c | high |\n| --- | --- | --- | --- |\n| 1 | 2 | 3 |  |\n| 4 | 5 | 6 | 7 |',
    );
  });

  test('signs of fonts that have no letters; a font for signs alone changes no letters', async () => {
    const paragraph = `<a:p>${run('a ')}${inFont('sym', '\uF0E0 then')}${inFont('latin', 'ü')}${run(' ü')}</a:p>`;
    expect(await read([shape(paragraph)])).toBe('## Slide 1\n\na → then✓ ü');
  });

  test('an address keeps its brackets', async () => {
    const files = { 'ppt/slides/_rels/slide0.xml.rels': LINKS.replace('example.org/a', 'example.org/a_(b) c') };
    expect(await read([shape(`<a:p>${link('l1', 'site')}</a:p>`)], files)).toBe(
      '## Slide 1\n\n[site](https://example.org/a_%28b%29%20c)',
    );
  });

  test('titles are headings, groups are read, hidden slides stay', async () => {
    const title = shape(bare('The') + bare('title'), '<p:ph type="ctrTitle"/>');
    const group = `<p:grpSp>${shape(bare('in a group'))}<p:grpSp>${shape(bare('deep'))}</p:grpSp></p:grpSp>`;
    const hidden = page('sld', shape(bare('unseen'))).replace('<p:sld ', '<p:sld show="0" ');
    expect(await read([title + group, hidden])).toBe(
      '## Slide 1\n\n### The title\n\nin a group\n\ndeep\n\n## Slide 2\n\nunseen',
    );
  });

  test('raised, lowered and struck text is marked, links have their address, line ends and fields are kept', async () => {
    const paragraph = `<a:p>${run('10')}${run('6', 'baseline="30000"')}${run(' m')}${run('2', 'baseline="30000"')}${run('3', 'baseline="30000"')}${run(' H')}${run('2', 'baseline="-25000"')}${run('O ')}${run('old', 'strike="sngStrike"')}<a:br/>${link('l1', 'site')} ${link('l2', 'next')} <a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p>`;
    const text = await read([shape(paragraph)], { 'ppt/slides/_rels/slide0.xml.rels': LINKS });
    const button = shape(bare('Go')).replace(' descr=""/>', ' descr=""><a:hlinkClick r:id="l1"/></p:cNvPr>');
    expect(await read([button], { 'ppt/slides/_rels/slide0.xml.rels': LINKS })).toBe(
      '## Slide 1\n\nGo\n\n[Link: https://example.org/a]',
    );
    expect(text).toBe(
      '## Slide 1\n\n10<sup>6</sup> m<sup>23</sup> H<sub>2</sub>O ~~old~~\n[site](https://example.org/a)next7',
    );
  });

  test('a slide that is named a hundred thousand times is read once, and refused when it gets too long', async () => {
    expect(await named(100_000, 'x')).toMatchObject({ kind: 'converted' });
    expect(await named(100_000, 'x'.repeat(1000))).toMatchObject({ kind: 'refused', code: 'too-complex' });
  });

  test('numbers and dates of slides are not there, footers once', async () => {
    const slide = [
      shape(bare('text')),
      shape(field('slidenum', '‹#›'), '<p:ph type="sldNum"/>'),
      shape(field('datetime1', '30.11.2026'), '<p:ph type="dt"/>'),
      shape(bare('Confidential'), '<p:ph type="ftr"/>'),
    ].join('');
    const other = shape(bare('more')) + shape(bare('14/09/1995'), '<p:ph type="dt"/>');
    expect(await read([slide, slide, other])).toBe(
      '## Slide 1\n\ntext\n\n## Slide 2\n\ntext\n\n## Slide 3\n\nmore\n\nOn some slides: Confidential\n14/09/1995',
    );
    expect(await read([slide, slide, slide + other])).toMatch(
      /\n\nOn each slide: Confidential\n\nOn some slides: 14\/09\/1995$/,
    );
  });

  test('formulas stand once, whatever older programs show', async () => {
    const formula = `<a:p>${run('so ')}<mc:AlternateContent><mc:Choice><a14:m><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m></mc:Choice><mc:Fallback>${run('x2')}</mc:Fallback></mc:AlternateContent></a:p>`;
    const whole = `<mc:AlternateContent><mc:Choice>${shape(formula)}</mc:Choice><mc:Fallback>${shape(bare('picture of x2'))}</mc:Fallback></mc:AlternateContent>`;
    expect(await read([whole])).toBe('## Slide 1\n\nso $x^2$');
  });

  test('numbers count by level, start where they say, and go on behind deeper ones', async () => {
    const number = (text: string, type: string, more = ''): string =>
      p(text, `${more}><a:buAutoNum type="${type}"/`.replace(/\/$/, '/>').replace(/>$/, '>'));
    const body = [
      number('a', 'arabicPeriod'),
      number('a1', 'alphaLcParenBoth', 'lvl="1"'),
      number('a2', 'alphaLcParenBoth', 'lvl="1"'),
      number('b', 'arabicPeriod'),
      bare(''),
      number('c', 'arabicPeriod'),
      number('c1', 'alphaLcParenBoth', 'lvl="1"'),
      p('sign', '><a:buChar char="•"/>'),
      p('five', '><a:buAutoNum type="romanUcParenR" startAt="5"/>'),
      p('six', '><a:buAutoNum type="romanUcParenR" startAt="5"/>'),
      p('none', '><a:buNone/>'),
      number('again', 'arabicPlain'),
    ].join('');
    expect(await read([shape(body)])).toBe(
      '## Slide 1\n\n1. a\n  (a) a1\n  (b) a2\n2. b\n\n3. c\n  (a) c1\n- sign\nV) five\nVI) six\nnone\n1 again',
    );
  });

  test('bullets come from the layout and the master that a slide is made after', async () => {
    const slide = [
      shape(bare('Title'), '<p:ph type="title"/>'),
      shape(bare('one') + bare('two'), place('body', '1')),
      shape(bare('sign') + p('plain', '><a:buNone/>') + p('deep', 'lvl="1">'), place('obj', '2')),
      shape(bare('no place')),
    ].join('');
    const styled = (type: string, index: string, style: string): string =>
      `<p:sp><p:nvSpPr><p:nvPr>${place(type, index)}</p:nvPr></p:nvSpPr><p:txBody><a:lstStyle>${style}</a:lstStyle><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:txBody></p:sp>`;
    const text = await read(
      [slide],
      {
        'ppt/slideLayouts/l.xml': page(
          'sldLayout',
          styled('body', '1', '<a:lvl1pPr><a:buAutoNum type="arabicPeriod"/></a:lvl1pPr>') +
            styled('obj', '2', '') +
            shape(bare('ACME')),
        ),
        'ppt/slideLayouts/_rels/l.xml.rels': relationships([['m', 'slideMaster', '../slideMasters/m.xml']]),
        'ppt/slideMasters/m.xml': root(
          'sldMaster',
          `<p:cSld><p:spTree>${shape(bare('ACME'))}${shape(bare('Secret'))}${shape(bare('‹#›'))}</p:spTree></p:cSld><p:txStyles><p:titleStyle/><p:bodyStyle><a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr></p:bodyStyle></p:txStyles>`,
        ),
      },
      [['l', 'slideLayout', '../slideLayouts/l.xml']],
    );
    expect(text).toBe(
      '## Slide 1\n\n### Title\n\n1. one\n2. two\n\n- sign\nplain\n  deep\n\nno place\n\nOn each slide: ACME\nSecret',
    );
  });

  test('merged cells of tables leave empty ones; a table of one cell is its text', async () => {
    const table = `<a:tbl>${row(cell('a', 'gridSpan="2"'), cell('', 'hMerge="1"'), cell('b'))}${row(cell('c', 'rowSpan="2"'), cell('d'), cell('e'))}${row(cell('', 'vMerge="1"'), cell('f'), cell('g'))}</a:tbl>`;
    expect(await read([frame(table) + frame(`<a:tbl>${row(cell('alone'))}</a:tbl>`)])).toBe(
      '## Slide 1\n\n| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g |\n\nalone',
    );
  });
});

describe('what is drawn on slides', () => {
  const CHART = root(
    'chartSpace',
    '<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Revenue</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:v>EUR</c:v></c:tx><c:cat><c:strCache><c:pt idx="0"><c:v>2025</c:v></c:pt></c:strCache></c:cat><c:val><c:numCache><c:pt idx="0"><c:v>4242</c:v></c:pt></c:numCache></c:val></c:ser></c:barChart></c:plotArea></c:chart>',
  );
  const DIAGRAM = root(
    'dataModel',
    '<dgm:ptLst><dgm:pt modelId="0" type="doc"/><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Step</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst><dgm:cxnLst><dgm:cxn srcId="0" destId="1" srcOrd="0"/></dgm:cxnLst>',
  );

  test('charts are tables, SmartArt is a list, pictures are their descriptions', async () => {
    const shapes = [
      frame('<c:chart r:id="c"/>', 'rising'),
      frame('<dgm:relIds r:dm="d"/>'),
      picture('our team'),
      shape('<a:p/>', '', 'an arrow'),
    ].join('');
    const files = { 'ppt/charts/c.xml': CHART, 'ppt/diagrams/d.xml': DIAGRAM };
    const relations: readonly Relation[] = [
      ['c', 'chart', '../charts/c.xml'],
      ['d', 'diagramData', '../diagrams/d.xml'],
    ];
    expect(await read([shapes], files, relations)).toBe(
      [
        '## Slide 1',
        '[Picture: rising]',
        'Chart: Revenue',
        '|  | EUR |\n| --- | --- |\n| 2025 | 4242 |',
        '- Step',
        '[Picture: our team]',
        '[Picture: an arrow]',
      ].join('\n\n'),
    );
    expect(await read([frame('<dgm:relIds r:dm="d"/>')], files, relations)).toBe('## Slide 1\n\n- Step');
  });

  test('what cannot be read is counted where it stands', async () => {
    const slide = page(
      'sld',
      shape(bare('text')) +
        picture('IMG_2041.JPG') +
        picture('', '<a:videoFile/>') +
        frame('<p:oleObj progId="Excel.Sheet.12"/>') +
        shape(bare('on a photo')).replace('<p:spPr/>', '<p:spPr><a:blipFill/></p:spPr>'),
      '<p:bg><p:bgPr><a:blipFill/></p:bgPr></p:bg>',
    ).replace('</p:spTree>', '</p:spTree><p:controls><p:control/><p:control/></p:controls>');
    const outcome = await converted({ 'a.pptx': deck([slide]) });
    expect(outcome).toEqual({
      kind: 'converted',
      parts: [
        {
          kind: 'text',
          text: [
            '## Slide 1',
            '[Left out: 1 picture]',
            '[Left out: 2 form controls]',
            'text',
            '[Left out: 1 picture]',
            '[Left out: 1 video]',
            '[Left out: 1 embedded object]',
            'on a photo',
            '[Left out: 1 picture]',
          ].join('\n\n'),
        },
      ],
      leftOut: { picture: 3, 'form control': 2, video: 1, 'embedded object': 1 },
      readers: ['pptx/2'],
    });
  });

  test('slides of which nothing can be read are not sent, whatever their template says', async () => {
    const files = { 'ppt/slideLayouts/l.xml': page('sldLayout', shape(bare('ACME'))) };
    const slide: readonly Relation[] = [['l', 'slideLayout', '../slideLayouts/l.xml']];
    expect(await converted({ 'a.pptx': deck([picture(''), ''], files, slide) })).toEqual({
      kind: 'refused',
      code: 'blank',
      reason: 'There is nothing in it but headers and footers, and what cannot be read: 1 picture.',
    });
  });

  test('a slide with a footer alone is refused for what it has; without, as blank', async () => {
    const refused = { kind: 'refused', code: 'blank' };
    const footer = shape(bare('Confidential'), '<p:ph type="ftr"/>');
    expect(await converted({ 'a.pptx': deck([footer]) })).toEqual({
      ...refused,
      reason: 'There is nothing in it but headers and footers.',
    });
    expect(await converted({ 'a.pptx': deck(['']) })).toEqual({
      ...refused,
      reason: 'There is nothing in it but white space.',
    });
  });

  test('what a template says stands on the slides that are made after it', async () => {
    const files = { 'ppt/slideLayouts/l.xml': page('sldLayout', shape(bare('ACME'))) };
    const slide: readonly Relation[] = [['l', 'slideLayout', '../slideLayouts/l.xml']];
    expect(await read([shape(bare('a')), shape(bare('b'))], files, slide)).toMatch(/\n\nOn some slides: ACME$/);
    const both = { ...files, 'ppt/slides/_rels/slide1.xml.rels': relationships(slide) };
    expect(await read([shape(bare('a')), shape(bare('b'))], both, slide)).toMatch(/\n\nOn each slide: ACME$/);
  });
});

describe('notes and comments of slides', () => {
  test('notes have all their text, without what is of the slide; their header is there once', async () => {
    const notes = page(
      'notes',
      shape(bare('7'), '<p:ph type="sldNum"/>') +
        shape(bare('Handout'), '<p:ph type="hdr"/>') +
        shape(bare('aloud') + p('point', '><a:buChar char="•"/>'), '<p:ph type="body"/>') +
        shape(bare('beside')) +
        picture('a sketch'),
    );
    const files = {
      'ppt/notesSlides/n0.xml': notes,
      'ppt/notesSlides/n1.xml': notes,
      'ppt/slides/_rels/slide1.xml.rels': relationships([['n', 'notesSlide', '../notesSlides/n1.xml']]),
    };
    const text = await read([shape(bare('a')), shape(bare('b'))], files, [
      ['n', 'notesSlide', '../notesSlides/n0.xml'],
    ]);
    const note = 'Notes: aloud\n- point\nbeside\n[Picture: a sketch]';
    expect(text).toBe(`## Slide 1\n\na\n\n${note}\n\n## Slide 2\n\nb\n\n${note}\n\nOn each page of notes: Handout`);
  });

  test('notes and comments that are named, but not in the file, are left out', async () => {
    const missing: readonly Relation[] = [
      ['n', 'notesSlide', '../notesSlides/n.xml'],
      ['c', 'comments', '../comments/c.xml'],
    ];
    expect(await read([shape(bare('a'))], {}, missing)).toBe(
      '## Slide 1\n\na\n\n[Left out: 1 comment]\n\nNotes: [Left out: 1 notes page]',
    );
  });

  test('comments of all versions, with replies', async () => {
    const files = {
      'ppt/commentAuthors.xml': root('cmAuthorLst', '<p:cmAuthor id="0" name="Ann"/>'),
      'ppt/authors.xml': root('authorLst', '<p188:author id="{B}" name="Bob"/>'),
      'ppt/comments/old.xml': root(
        'cmLst',
        '<p:cm authorId="0"><p:text>why?</p:text></p:cm><p:cm authorId="9"><p:text>so</p:text><p:extLst><p15:parentCm/></p:extLst></p:cm>',
      ),
      'ppt/comments/new.xml': root(
        'cmLst',
        `<p188:cm authorId="{B}"><p188:replyLst><p188:reply authorId="0"><p188:txBody>${bare('agreed')}</p188:txBody></p188:reply></p188:replyLst><p188:txBody>${bare('too')}${bare('long')}</p188:txBody></p188:cm>`,
      ),
    };
    const text = await read([shape(bare('a'))], files, [
      ['o', 'comments', '../comments/old.xml'],
      ['n', 'comments', '../comments/new.xml'],
    ]);
    expect(text).toBe(
      '## Slide 1\n\na\n\n[Comment by Ann: why?]\n\n[Reply: so]\n\n[Comment by Bob: too long]\n\n[Reply by Ann: agreed]',
    );
  });
});
