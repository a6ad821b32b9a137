// Bundles every browser script of the product into wwwroot/lib: one ES module per page that needs one.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const out = 'wwwroot/lib';
rmSync(out, { recursive: true, force: true });

await build({
  entryPoints: {
    shell: 'Components/Layout/shell.js',
  },
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
