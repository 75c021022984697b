import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { releaseProblems } from '../../scripts/release.ts';

const ready = { changes: '', changelog: '# Changelog\n\n## 1.2.3\n\n- new\n\n## 1.2.2\n', packageVersion: '1.2.3' };

test('a clean tree whose changelog and package.json have the version can be released', () => {
  assert.equal(releaseProblems('v1.2.3', ready), []);
});

test('what is not ready is said, all of it', () => {
  const problems = releaseProblems('v1.2.4', { ...ready, changes: ' M README.md\n', changelog: '## Unreleased\n' });
  assert.equal(problems, [
    'there are changes that are not committed:\n M README.md',
    'CHANGELOG.md begins with "## Unreleased", not "## 1.2.4"',
    'package.json has version 1.2.3: npm version --no-git-tag-version 1.2.4',
  ]);
});

test('a version is vX.Y.Z', () => {
  for (const version of ['', '1.2.3', 'v1.2', 'v1.2.3-rc1'])
    assert.is(releaseProblems(version, ready).length, 1, version);
});

test.run();
