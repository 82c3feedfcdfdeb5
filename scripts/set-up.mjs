// First stage of `npm start`, `npm test` and the other commands, in plain JavaScript because nothing is installed yet:
//   node scripts/set-up.mjs PURPOSE SCRIPT [ARGUMENT ...]
// Installs the Debian packages and npm packages that PURPOSE ('start', 'test') needs, saying so before, then runs SCRIPT
// (TypeScript with tsx). The second time it only looks (about 0.2 s).
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { streamsFor } from './named-descriptors.mjs';

const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCAL_FOLDER = join(CHECKOUT, '.latchkey');
const VPCD_DRIVER = join(LOCAL_FOLDER, 'vpcd', 'libifdvpcd.so');

// What each package is for, so that nobody has to guess why it is wanted.
const BUILDING = ['python3', 'make', 'g++', 'unzip', 'ca-certificates'];
const SMART_CARD = ['pcscd', 'libpcsclite1', 'opensc', 'opensc-pkcs11', 'procps', 'util-linux'];
const WINDOW = ['libgtk-3-0', 'libnss3', 'libgbm1', 'libasound2', 'libsecret-1-0', 'libxss1', 'libxtst6', 'fonts-dejavu-core'];
const PROOF = ['nginx-light|nginx-core|nginx-full', 'gnutls-bin', 'openssl', 'p11-kit', 'p11-kit-modules'];
const PEERS = ['iproute2', 'ykcs11', 'yubikey-manager', 'yubico-piv-tool', 'gpgconf', 'gpg-agent', 'scdaemon', 'caddy', 'easy-rsa', 'xvfb', 'softhsm2', 'curl', 'libnss3-tools'];
// What certificates, revocation lists, EST and the store of a CA are tried with.
const AUTHORITY_PEERS = ['golang-cfssl', 'haproxy', 'libstrongswan-extra-plugins', 'libstrongswan-standard-plugins', 'openjdk-17-jre-headless', 'postgresql-15', 'strongswan-pki', 'systemd'];
const PACKAGES = {
  start: [...BUILDING, ...SMART_CARD, ...WINDOW, ...PROOF],
  test: [...BUILDING, ...SMART_CARD, ...WINDOW, ...PROOF, ...PEERS, ...AUTHORITY_PEERS],
};

/** Says one line of progress; standard output belongs to the command itself (`--json`). */
function tell(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

function fail(line) {
  tell(line);
  process.exit(1);
}

function execute(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: CHECKOUT, stdio: ['ignore', 2, 2], ...options });
  if (result.status !== 0) fail(`"${[command, ...args].join(' ')}" did not work (${result.error?.message ?? `exit code ${result.status}`}). Mend that and run the same command again.`);
}

/** Those of `wanted` that dpkg does not know as installed; of alternatives "a|b" the first is named. */
function missingPackages(wanted) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Abbrev}\n'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (query.error) fail('dpkg-query is missing: this set-up knows Debian 12 only. docs/architecture.md names what is needed.');
  const installed = new Set(query.stdout.split('\n').filter((line) => line.endsWith(' ii ')).map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !name.split('|').some((one) => installed.has(one))).map((name) => name.split('|')[0]);
}

/** Runs a command as root, through sudo where this is not root; `wanted` says what a person would do by hand. */
function executeAsRoot(command, wanted) {
  if (process.getuid() === 0) {
    execute(command[0], command.slice(1), { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    return;
  }
  if (spawnSync('sudo', ['-V']).error) fail(`please run as root: ${wanted}`);
  execute('sudo', ['DEBIAN_FRONTEND=noninteractive', ...command], { stdio: ['inherit', 2, 2] });
}

function apt(...args) {
  executeAsRoot(['apt-get', '-q', '-y', ...args], `apt-get install ${args.slice(2).join(' ')}`);
}

let listsAreFresh = false;
function refreshLists() {
  if (!listsAreFresh) apt('update');
  listsAreFresh = true;
}

/** Otherwise installing PostgreSQL makes a database of the system and starts it; the tests make and end their own. */
function keepFromMakingCluster() {
  const file = '/etc/postgresql-common/createcluster.d/latchkey.conf';
  executeAsRoot(['sh', '-c', `mkdir -p '${dirname(file)}' && echo 'create_main_cluster = false' > '${file}'`], `echo 'create_main_cluster = false' > ${file}`);
}

function installDebianPackages(wanted) {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  tell(`installing Debian packages: ${missing.join(' ')}`);
  refreshLists();
  if (missing.some((name) => name.startsWith('postgresql'))) keepFromMakingCluster();
  apt('install', '--no-install-recommends', ...missing);
}

/** The driver that lets pcscd see a virtual key: unpacked here, not installed, so that the system's own pcscd never loads it. */
function unpackVpcdDriver() {
  if (existsSync(VPCD_DRIVER)) return;
  tell('unpacking the vpcd driver (package vsmartcard-vpcd) into .latchkey/vpcd');
  const work = mkdtempSync(join(LOCAL_FOLDER, 'vpcd-'));
  chmodSync(work, 0o755);
  if (spawnSync('apt-get', ['-q', 'download', 'vsmartcard-vpcd'], { cwd: work }).status !== 0) {
    refreshLists();
    execute('apt-get', ['-q', 'download', 'vsmartcard-vpcd'], { cwd: work });
  }
  execute('sh', ['-c', 'dpkg-deb -x ./*.deb . && cp -L usr/lib/pcsc/drivers/serial/libifdvpcd.so.0.8 libifdvpcd.so && rm -r usr etc ./*.deb'], { cwd: work });
  rmSync(dirname(VPCD_DRIVER), { recursive: true, force: true });
  renameSync(work, dirname(VPCD_DRIVER));
}

/** Whether node_modules holds every package at the version the lock file names (npm keeps its own list of what is there). */
function hasNpmPackages() {
  const installedFile = join(CHECKOUT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version);
}

function installNpmPackages() {
  if (hasNpmPackages()) return;
  tell('installing npm packages (npm ci)');
  const headers = join(dirname(dirname(process.execPath)), 'include', 'node', 'node_version.h');
  // node-gyp compiles pkcs11js; with Node's own headers at hand it downloads nothing.
  const env = existsSync(headers) ? { ...process.env, npm_config_nodedir: dirname(dirname(dirname(headers))) } : process.env;
  execute('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env });
}

function runScript(script, args) {
  const compiler = script.endsWith('.ts') ? [join(CHECKOUT, 'node_modules', 'tsx', 'dist', 'cli.mjs')] : [];
  const child = spawn(process.execPath, [...compiler, join(CHECKOUT, script), ...args], { stdio: streamsFor(args), cwd: process.cwd() });
  // The terminal sends Ctrl-C to the script as well: it cleans up and ends, and this stage waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

const [purpose, script, ...args] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node ${process.versions.node} is too old: Latchkey needs Node 20.19 or later.`);
mkdirSync(LOCAL_FOLDER, { recursive: true });
installDebianPackages(PACKAGES[purpose]);
unpackVpcdDriver();
installNpmPackages();
runScript(script, args);
