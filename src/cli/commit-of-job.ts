/** Which commit a CI job runs for, as its server says it: so that two releases are told apart by more than their dates. */

/** GitHub Actions, GitLab, Jenkins, Azure Pipelines, Bitbucket, CircleCI. */
const NAMES = ['GITHUB_SHA', 'CI_COMMIT_SHA', 'GIT_COMMIT', 'BUILD_SOURCEVERSION', 'BITBUCKET_COMMIT', 'CIRCLE_SHA1']

/** As it stands in `environment` of a result; nothing outside of such a job. */
export function commitOfJob(env: Readonly<Record<string, string | undefined>> = process.env): {
  readonly commit?: string
} {
  const commit = NAMES.map((name) => env[name] ?? '').find((value) => /^[0-9a-f]{7,64}$/i.test(value))
  return commit === undefined ? {} : { commit }
}
