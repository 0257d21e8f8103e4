import { expect, test } from '@jest/globals';
import { parseHtml } from '../../../src/inbox/convert/html/page.ts';
import { mathText } from '../../../src/inbox/convert/mathml.ts';
import { isElement } from '../../../src/inbox/convert/xml.ts';

const ROOT =
  '<mrow><mo>-</mo><mi>b</mi><mo>±</mo><msqrt><msup><mi>b</mi><mn>2</mn></msup><mo>-</mo><mn>4</mn><mi>a</mi><mi>c</mi></msqrt></mrow>';
const two = '<mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>';

test.each<[string, string]>([
  [`<mi>x</mi><mo>=</mo><mfrac>${ROOT}<mrow><mn>2</mn><mi>a</mi></mrow></mfrac>`, '$x=(-b±√(b^2-4ac))/(2a)$'],
  [
    '<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>',
    '$∑_(i=1)^n i$',
  ],
  ['<msub><mi>x</mi><mn>10</mn></msub><mroot><mi>x</mi><mn>3</mn></mroot>', '$x_10√[3](x)$'],
  ['<mi>sin</mi><mo>\u2061</mo><mi>x</mi><mo>\u2062</mo><mi>y</mi>', '$sin xy$'],
  ['<mtext>total</mtext> <mi>cost</mi> <mn>12</mn>', '$total cost 12$'],
  [`<mtable>${two}${two}</mtable>`, '$[1, 0; 1, 0]$'],
  ['<mfenced open="[" close="]" separators=";"><mi>a</mi><mi>b</mi></mfenced>', '$[a;b]$'],
  [
    '<mmultiscripts><mi>C</mi><mn>6</mn><none/><mprescripts/><none/><mn>14</mn></mmultiscripts><mphantom><mi>z</mi></mphantom>',
    '$^14C_6$',
  ],
  [
    '<semantics><mi>a</mi><annotation encoding="StarMath 5.0">a</annotation><annotation encoding="TeX">\\alpha</annotation></semantics>',
    '$\\alpha$',
  ],
  ['<unknown><mi>q</mi></unknown>', '$q$'],
  ['<mrow/>', ''],
])('%s', (inside, text) => {
  const math = parseHtml(`<math>${inside}</math>`, true).find(isElement);
  expect(math === undefined ? null : mathText(math)).toBe(text);
});
