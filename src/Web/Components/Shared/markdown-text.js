// Enhances text that the server already made safe. Without this module code is plain and mathematics is its source.
// Highlighting and KaTeX weigh far more than a page, so they are fetched only by texts that need them.
const mostMathematicsPerText = 300;

class MarkdownText extends HTMLElement {
  #seen;

  connectedCallback() {
    this.#enhance();
    // Blazor replaces the text inside the element when a page moves on to another one.
    this.#seen = new MutationObserver(changes => {
      if (changes.some(change => change.target === this)) this.#enhance();
    });
    this.#seen.observe(this, { childList: true });
  }

  disconnectedCallback() { this.#seen?.disconnect(); }

  #enhance() {
    const code = [...this.querySelectorAll('pre > code[class*="language-"]:not([data-coloured])')];
    if (code.length) import('./highlight.js').then(module => code.forEach(module.colour), () => { });
    const mathematics = [...this.querySelectorAll('.math:not([data-typeset])')].slice(0, mostMathematicsPerText);
    if (mathematics.length) import('./mathematics.js').then(module => mathematics.forEach(module.typeset), () => { });
    // A scrolling block must be reachable by keyboard.
    for (const block of this.querySelectorAll('pre, table')) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
    }
  }
}

customElements.get('markdown-text') ?? customElements.define('markdown-text', MarkdownText);
