import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { userDirectory } from '#core/user-directory.ts';

for (const [name, kind, env, platform, directory] of [
  ['what XDG says', 'cache', { XDG_CACHE_HOME: '/c', HOME: '/h' }, 'linux', '/c'],
  ['each kind its own', 'state', { XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c', HOME: '/h' }, 'linux', '/s'],
  ['below home', 'cache', { HOME: '/h' }, 'linux', '/h/.cache'],
  ['the state below home', 'state', { HOME: '/h' }, 'darwin', '/h/.local/state'],
  ['a relative path is not valid', 'state', { XDG_STATE_HOME: 's', HOME: '/h' }, 'linux', '/h/.local/state'],
  ['an empty one is none', 'cache', { XDG_CACHE_HOME: '', HOME: '/h' }, 'linux', '/h/.cache'],
  ['no home anywhere', 'cache', { HOME: 'relative' }, 'linux', undefined],
  ['the home that the system knows', 'cache', {}, 'linux', '/known/.cache'],
  ['Windows', 'cache', { LOCALAPPDATA: 'C:\\U\\AppData\\Local', HOME: '/h' }, 'win32', 'C:\\U\\AppData\\Local'],
  ['XDG on Windows', 'cache', { XDG_CACHE_HOME: 'D:\\c', LOCALAPPDATA: 'C:\\l' }, 'win32', 'D:\\c'],
  ['Windows without it', 'state', { HOME: 'C:\\U' }, 'win32', 'C:\\U\\.local\\state'],
  ['another system knows no LOCALAPPDATA', 'cache', { LOCALAPPDATA: '/l', HOME: '/h' }, 'linux', '/h/.cache'],
] as const)
  test(`the user's directory: ${name}`, () =>
    assert.is(userDirectory(kind, env, { home: '/known', platform }), directory));

test.run();
