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
