import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineCommand } from '#command/command.ts';
import type { Flags } from '#command/flag.ts';
import { readFlags, readOutput } from '#command/flag-values.ts';

const flags: Flags = {
  host: { type: 'string', describe: '' },
  level: { type: 'string', choices: ['info', 'warning', 'error'], default: 'error', describe: '' },
  port: { type: 'number', describe: '' },
  since: { type: 'duration', default: '5m', describe: '' },
  flag: { type: 'strings', describe: '' },
  follow: { type: 'boolean', describe: '' },
};

const fails = (given: Record<string, unknown>, pattern: RegExp): void =>
  assert.throws(
    () => readFlags(flags, given),
    (error: { code: string; message: string }) => error.code === 'usage' && pattern.test(error.message),
  );

test('gives every flag a value: its default, false, none or an empty list', () => {
  assert.equal(readFlags(flags, {}), {
    host: undefined,
    level: 'error',
    port: undefined,
    since: 300_000,
    flag: [],
    follow: false,
  });
});

test('splits lists at commas and keeps repeats', () => {
  assert.equal(readFlags(flags, { flag: ['UF,NR', 'UH'] }).flag, ['UF', 'NR', 'UH']);
});

test('refuses a repeated flag that takes one value', () =>
  fails({ host: ['a', 'b'] }, /--host is given more than once/));
test('refuses a repeated switch', () => fails({ follow: [true, true] }, /--follow is given more than once/));
test('refuses an empty value', () => fails({ host: '' }, /--host needs a value/));
test('refuses a number that is none', () => fails({ port: '44x' }, /--port takes a number, not "44x"/));
test('refuses a value that is no choice, naming the choices', () =>
  fails({ level: 'warnin' }, /info, warning, error; not "warnin"/));

const command = defineCommand({
  name: 'routes',
  group: 'look',
  summary: '',
  examples: [],
  flags: {},
  run: async () => ({ text: [] }),
});

test('prints a table where no format is asked for', () =>
  assert.equal(readOutput(command, {}), { format: 'table', template: undefined }));

test('keeps = inside a jsonpath template', () => {
  assert.equal(readOutput(command, { output: 'jsonpath={.items[?(@.a=="b")]}' }), {
    format: 'jsonpath',
    template: '{.items[?(@.a=="b")]}',
  });
});

for (const output of ['jso', 'json=x', 'jsonpath', 'jsonpath=', 'envoy', '']) {
  test(`refuses -o "${output}" for a command that does not offer it`, () => {
    assert.throws(
      () => readOutput(command, { output }),
      (error: { code: string }) => error.code === 'usage',
    );
  });
}

test.run();
