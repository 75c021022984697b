// Variables that Node, not this tool, takes from the environment. kubectl knows none of them, so none may change whom
// this tool trusts or what it prints. docs/environment.md has the whole table.

/** Node prints with them what it sends and gets, tokens included, and has begun to before this code runs. */
const printing = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'];

/** Node asks for them later: without them it does what it does by itself. */
export const forgotten = ['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_USE_ENV_PROXY', 'NODE_USE_SYSTEM_CA'];

/** Why this environment cannot be run in; undefined where it can. */
export function whyRefused(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = printing.find((one) => env[one]);
  return (
    name &&
    `error: cannot run with ${name} set: Node would print every token that it sends\n  unset it: unset ${name}\n`
  );
}
