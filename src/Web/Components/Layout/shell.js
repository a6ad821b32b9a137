import '../Shared/markdown-text.js';

// The theme switch, on every page, with or without a circuit.
document.addEventListener('click', event => {
  if (!event.target.closest('[data-theme-toggle]')) return;
  const root = document.documentElement;
  const chosen = root.dataset.theme;
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  dispatchEvent(new CustomEvent('themechange'));
});

// A form of an interactive page belongs to its circuit. Pressed before the circuit is up, the browser would post it to nowhere.
if (document.querySelector('script[src*="blazor.web"]')) {
  document.addEventListener('submit', event => {
    if (!event.target.hasAttribute('action')) event.preventDefault();
  }, true);
}
