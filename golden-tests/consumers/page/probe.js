// Runs at the end of a page, in a frame, and tells the frame's owner what is wrong with it; `page` is its number.
'use strict';
const wrong = [];
const all = (what) => [...document.querySelectorAll(what)];
const shown = (element) => element.getClientRects().length > 0;

// What is folded away is looked at too.
for (const it of all('details')) it.open = true;

// What everybody needs to find their way.
if (!document.title.trim()) wrong.push('the page has no title');
if (!document.documentElement.lang) wrong.push('the page has no language');
if (all('h1').length !== 1) wrong.push('not one first heading');
let level = 0;
for (const heading of all('h1, h2, h3, h4, h5, h6')) {
  const own = Number(heading.tagName[1]);
  if (own > level + 1) wrong.push(`a heading of level ${own} below level ${level}: ${heading.textContent}`);
  level = own;
}
if (all('footer').length !== 1) wrong.push('the browser does not show the end of the page');
if (all('main').length !== 1) wrong.push('not one main part');
const ids = all('[id]').map((it) => it.id);
if (new Set(ids).size !== ids.length) wrong.push('an id stands twice');
for (const link of all('a[href]')) {
  const target = link.getAttribute('href');
  if (!target.startsWith('#')) wrong.push(`a link leaves the page: ${target}`);
  else if (!document.getElementById(target.slice(1))) wrong.push(`a link to nothing: ${target}`);
}
for (const it of all('[aria-labelledby]')) {
  if (!document.getElementById(it.getAttribute('aria-labelledby'))) wrong.push('a label that is not there');
}
for (const it of all('svg')) {
  if (it.getAttribute('role') !== 'img' || !it.getAttribute('aria-label')) wrong.push('a drawing without words');
}
for (const it of all('table')) {
  if (!it.caption || !it.caption.textContent.trim()) wrong.push('a table without a caption');
  const width = it.tHead ? it.tHead.rows[0].cells.length : 0;
  for (const row of it.rows) {
    if (row.cells.length !== width) wrong.push(`a row of ${row.cells.length} cells, the head has ${width}`);
  }
  if ([...it.querySelectorAll('th')].some((cell) => !cell.scope)) wrong.push('a heading of a table that heads nothing');
}

// The keyboard: in the order of the page, the skip link first, and a wide table scrolls.
if (all('[tabindex]').some((it) => it.tabIndex > 0)) wrong.push('an order of its own for the keyboard');
const stops = all('a[href], summary, [tabindex="0"]').filter(shown);
if (stops.length === 0 || stops[0].getAttribute('href') !== '#content') wrong.push('the skip link is not the first stop');
for (const stop of stops) {
  stop.focus();
  if (document.activeElement !== stop) wrong.push(`the keyboard cannot reach ${stop.outerHTML.slice(0, 60)}`);
  const box = stop.getBoundingClientRect();
  if (stop === stops[0] && (box.top < 0 || box.left < 0)) wrong.push('the skip link stays out of sight');
}
for (const it of all('*')) {
  const scrolls = ['auto', 'scroll'].includes(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth;
  if (scrolls && it.tabIndex !== 0) wrong.push('something scrolls that no key can move');
}

// Nothing of the page itself is wider than the window.
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
if (wide > 0) wrong.push(`the page is ${wide} pixels wider than the window of ${innerWidth}`);

// Colours: WCAG 2, 1.4.3, and 1.4.11 for what is drawn.
const channels = (color) => color.match(/[\d.]+/g).map(Number);
const light = (color) => {
  const [r, g, b] = channels(color).map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const behind = (element) => {
  for (let it = element; it; it = it.parentElement) {
    const color = getComputedStyle(it).backgroundColor;
    if (channels(color)[3] !== 0) return color;
  }
  return 'rgb(255, 255, 255)';
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.textContent.trim() || ['SCRIPT', 'STYLE'].includes(element.tagName) || !shown(element)) continue;
  const ratio = contrast(getComputedStyle(element).color, behind(element));
  if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${texts.currentNode.textContent.trim().slice(0, 40)}`);
}
for (const it of all('svg rect:not(.track):not(.soft)')) {
  const ratio = contrast(getComputedStyle(it).fill, behind(it));
  if (ratio < 3) wrong.push(`contrast ${ratio.toFixed(2)} of a bar: ${it.getAttribute('class')}`);
}
parent.postMessage([String(page), ...[...new Set(wrong)].map((it) => `${it} (${innerWidth} pixels)`)], '*');
