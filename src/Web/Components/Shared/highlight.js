import highlight from 'highlight.js/lib/common';

export function colour(code) {
  code.dataset.coloured = '';
  const language = /language-(\S+)/.exec(code.className)?.[1];
  if (language && highlight.getLanguage(language)) {
    code.innerHTML = highlight.highlight(code.textContent, { language, ignoreIllegals: true }).value;
  }
}
