// Variables that Node or a library, not this tool, takes from the environment. kubectl knows none of them, so none may
// change whom this tool trusts or what it prints. docs/environment.md has the whole table.

/** Node prints with them what it sends and gets, tokens included, and has begun to before this code runs. */
const printing = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'];

/**
 * Node and libraries ask for them later: without them they do what they do by themselves. With the `LOG_` ones the package
 * yaml prints all of a kubeconfig, tokens included, where the answer goes; with the next, yargs ends the process; by the
 * last, the package tar takes the platform for another one.
 */
export const forgotten = [
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'LOG_STREAM',
  'LOG_TOKENS',
  'YARGS_MIN_NODE_VERSION',
  'TESTING_TAR_FAKE_PLATFORM',
];

/** Why this environment cannot be run in; undefined where it can. */
export function whyRefused(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = printing.find((one) => env[one]);
  return (
    name &&
    `error: cannot run with ${name} set: Node would print every token that it sends\n  unset it: unset ${name}\n`
  );
}
