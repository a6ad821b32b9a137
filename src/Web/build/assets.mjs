// Bundles every browser script of the product into wwwroot/lib: one ES module per page that needs one.
import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const out = 'wwwroot/lib';
rmSync(out, { recursive: true, force: true });

// Every browser that runs our modules reads woff2; the other two formats would only triple the folder.
const woff2Only = {
  name: 'woff2-only',
  setup: ({ onLoad }) => onLoad({ filter: /katex\.css$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replace(/,\s*url\([^)]*\.(woff|ttf)\) format\([^)]*\)/g, ''),
    loader: 'css',
  })),
};

await build({
  entryPoints: {
    passkey: 'Features/Account/passkey.js',
    shell: 'Components/Layout/shell.js',
    katex: 'katex/dist/katex.css',
    'ranking-board': 'Features/Judgements/ranking-board.js',
    chart: 'Components/Shared/chart.js',
  },
  outdir: out,
  loader: { '.woff2': 'file' },
  assetNames: 'fonts/[name]',
  plugins: [woff2Only],
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
