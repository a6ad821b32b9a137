import katex from 'katex';

const stylesheet = document.createElement('link');
stylesheet.rel = 'stylesheet';
stylesheet.href = new URL('katex.css', import.meta.url).href;
document.head.append(stylesheet);

// katex.render builds elements and sets their style objects; renderToString would write style attributes, which the CSP refuses.
export function typeset(element) {
  element.dataset.typeset = '';
  const display = element.matches('div, .display');
  const source = element.textContent.trim().replace(/^\\[([]|\\[)\]]$/g, '');
  try {
    katex.render(source, element, { displayMode: display, throwOnError: true, trust: false, strict: 'ignore', maxSize: 20, maxExpand: 200 });
  } catch {
    element.textContent = display ? `$$${source}$$` : `$${source}$`;
  }
}
