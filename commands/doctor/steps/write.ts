import { homeOf, type StorageHome } from "../../../components/access/access-model.ts";
import { networkFinding } from "../network-errors.ts";
import { type Context, failed, type Finding, passed, type Step } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";
import { isMissing } from "./bucket-answers.ts";
import { list, randomKey, send, storeFinding, userOf } from "./buckets.ts";

/** Writes one object, reads it and deletes it; the bucket too, if it was not there. */
export const writeStep: Step = {
  id: "write",
  title: "object written, read and deleted",
  hop: "object store",
  needs: ["own-bucket"],
  unless: ({ options }) => (options.write ? undefined : "--write was not given"),
  run: async (context) => {
    const home = homeOf(context.expected.access, userOf(context));
    const { bucket } = home;
    const makesBucket = isMissing(await list(context, home));
    if (makesBucket) {
      const made = await send(context, { method: "PUT", bucket });
      if (made.status !== 200) return failed(storeFinding(context, `The bucket ${bucket} could not be made`, made));
    }
    const problem = await writeAndDelete(context, home);
    const left = makesBucket ? await deletion(context, `The bucket ${bucket}`, { bucket }) : undefined;
    const finding = both(problem, left);
    return finding === undefined ? passed() : failed(finding);
  },
};

async function writeAndDelete(context: Context, { bucket, prefix }: StorageHome): Promise<Finding | undefined> {
  const key = randomKey(prefix);
  const name = `s3://${bucket}/${key}`;
  let version: string | undefined;
  let problem: Finding | undefined;
  try {
    const body = key;
    const written = await send(context, { method: "PUT", bucket, key, body });
    if (written.status !== 200) return storeFinding(context, `${name} could not be written`, written);
    version = [written.headers["x-amz-version-id"]].flat()[0];
    const read = await send(context, { method: "GET", bucket, key });
    if (read.text !== body) problem = storeFinding(context, `${name} does not come back as it was written`, read);
  } catch (error) {
    // It may have arrived all the same.
    problem = networkFinding(name, error);
  }
  const left = await deletion(context, name, { bucket, key, ...(version === undefined ? {} : { version }) });
  return both(problem, left);
}

/** What stays behind is told, whatever went wrong before. */
function both(problem: Finding | undefined, left: Finding | undefined): Finding | undefined {
  if (left === undefined || problem === undefined) return left ?? problem;
  return { ...problem, problem: `${problem.problem}. ${left.problem}` };
}

/** Deletes an object for good, also where the bucket keeps versions; or an empty bucket. */
async function deletion(
  context: Context,
  name: string,
  { version, ...place }: { readonly bucket: string; readonly key?: string; readonly version?: string },
): Promise<Finding | undefined> {
  const query = version === undefined ? "" : `versionId=${encodeURIComponent(version)}`;
  let answer: WebAnswer;
  try {
    answer = await send(context, { method: "DELETE", ...place, query });
  } catch (error) {
    const finding = networkFinding(name, error);
    return { ...finding, problem: `${name} could not be deleted: ${finding.problem}` };
  }
  if (answer.status === 204) return undefined;
  return storeFinding(context, `${name} could not be deleted`, answer);
}
