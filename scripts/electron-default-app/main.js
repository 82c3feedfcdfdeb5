// What `electron PATH` runs: starts the app at PATH. An ES module whose top level waits for the app's own, so that
// `ready` cannot fire before the app has registered its handlers and schemes.
import { app } from 'electron';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const index = process.argv.findIndex((argument, position) => position > 0 && !argument.startsWith('-'));
if (index < 0) {
  console.error('usage: electron PATH [ARGUMENT ...]');
  app.exit(2);
} else {
  const path = resolve(process.argv[index]);
  const isFolder = statSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const manifestFile = join(folder, 'package.json');
  const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};
  if (manifest.name) app.setName(manifest.productName ?? manifest.name);
  if (manifest.version) app.setVersion(manifest.version);
  app.setAppPath(folder);
  await import(pathToFileURL(isFolder ? join(folder, manifest.main ?? 'index.js') : path).href);
}
