// Puts what is in the working directory into a Node, by pkg's SEA library. A process of its own, whose home, temporary
// and working directory are `executable.ts`'s: pkg finds its Nodes in the home directory, and Node writes down the path
// of the script as it is given, so it is a relative one and the binary the same wherever it is built.

// The command line of pkg passes no assets on; its library does. Internal path: the version of pkg is pinned.
import sea from '@yao-pkg/pkg/lib-es5/sea.js';
import { v8Flags } from './code-cache.ts';

export interface PkgRun {
  readonly platform: 'linux' | 'macos' | 'win';
  readonly arch: 'x64' | 'arm64';
  readonly nodeVersion: string;
  readonly output: string;
  /** Names of files beside the script. */
  readonly assets: readonly string[];
}

const { platform, arch, nodeVersion, output, assets } = JSON.parse(String(process.argv[2])) as PkgRun;

/**
 * What no environment and no user can change: no debugger on SIGUSR1, no libraries that OPENSSL_CONF names; and Node
 * looks for no options of its own after `--`, so `--env-file` is one of ours that does not exist.
 */
function ownArguments(target: PkgRun['platform']): readonly string[] {
  const openssl = target === 'win' ? [] : ['--openssl-config=/dev/null'];
  return [...v8Flags, '--disable-sigusr1', '--no-warnings', ...openssl, '--'];
}

// pkg makes a directory for itself inside the temporary one, and goes there.
const beside = (name: string): string => `../${name}`;

const seaConfig = {
  main: beside('boot.cjs'),
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false, // V8's own holds only what runs on loading
  execArgv: ownArguments(platform),
  execArgvExtension: 'none', // NODE_OPTIONS of the user's shell is for the user's programs
  assets: Object.fromEntries(assets.map((name) => [name, beside(name)])),
};
await sea.default('boot.cjs', {
  targets: [{ platform, arch, nodeRange: `node${nodeVersion}`, output }],
  signature: false,
  seaConfig,
});
