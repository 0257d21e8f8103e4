import { describe, expect, test } from '@jest/globals';
import { parseHtml } from '../../../src/inbox/convert/html/page.ts';
import { parseXml, type XmlNode } from '../../../src/inbox/convert/xml.ts';
import { Archive } from '../../../src/inbox/convert/zip.ts';
import { archive } from './office-files.ts';

function xml(text: string): XmlNode | null {
  return parseXml(new Archive(archive({ 'a.xml': text })), 'a.xml');
}

function outline(node: XmlNode): string {
  if (typeof node === 'string') return JSON.stringify(node);
  const names = Object.entries(node.attributes).map(([name, value]) => ` ${name}=${value}`);
  return `<${node.name}${names.join('')}>${node.children.map(outline).join('')}`;
}

describe('XML', () => {
  test('is read without prefixes of elements, with those of attributes', () => {
    const root = xml('<?xml version="1.0"?><w:a xmlns:w="u" r:id="7"><w:b/>x&amp;y<![CDATA[<z>]]></w:a>');
    expect(outline(root ?? '')).toBe('<a xmlns:w=u r:id=7><b>"x&y<z>"');
  });

  test('never expands entities of its own', () => {
    const root = xml('<!DOCTYPE a [<!ENTITY j "joke">]><a>&j;&j;</a>');
    expect(outline(root ?? '')).toBe('<a>"&j;&j;"');
  });

  const WHOLE = '<?xml version="1.0"?><a b="c"><d/><e f="g">text &lt; more</e><!-- note --></a>';

  test.each(Array.from({ length: WHOLE.length }, (_, end) => end))('is damaged where it is cut after %d', (end) => {
    expect(() => xml(WHOLE.slice(0, end))).toThrow('a.xml in it is damaged');
  });

  test.each(['<a><b></a>', '<a></b>', '<a/', 'text'])('is damaged where it is %s', (text) => {
    expect(() => xml(text)).toThrow('damaged');
  });

  test('is refused where it is too deep', () => {
    expect(() => xml('<a>'.repeat(600) + '</a>'.repeat(600))).toThrow('nested more than 500 deep');
  });
});

describe('HTML', () => {
  test('closes what pages leave open', () => {
    const [table] = parseHtml('<table><tr><th>A<th>B<tr><td>1<td>2</table>');
    expect(outline(table ?? '')).toBe('<table><tr><th>"A"<th>"B"<tr><td>"1"<td>"2"');
  });

  test('takes an element without content as such in XHTML', () => {
    const nodes = parseHtml('<head><script src="x"/><title/></head><p>A&nbsp;B</p>', true);
    expect(nodes.map(outline).join('')).toBe('<head><script src=x><title><p>"A\u00a0B"');
  });

  test('keeps its text in order, however deep', () => {
    const nodes = parseHtml(`${'<div>'.repeat(5000)}in${'</div>'.repeat(4999)}between</div>after`);
    expect(nodes.map(outline).join('').replaceAll('<div>', '')).toBe('"in""between""after"');
    expect(() => parseHtml('<div>'.repeat(20_000))).toThrow('nested more than 10000 deep');
  });
});
