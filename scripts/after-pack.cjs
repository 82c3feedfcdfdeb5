// electron-builder's hook. A runtime given as a folder (electronDist) leaves two files that a packaged app has no use for.
const { rm } = require('node:fs/promises');
const { join } = require('node:path');

exports.default = async function afterPack({ appOutDir }) {
  await rm(join(appOutDir, 'resources', 'default_app.asar'), { force: true });
  await rm(join(appOutDir, 'version'), { force: true });
};
