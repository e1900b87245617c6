import { draft, filledWith, type JsonSchema, noTemplate, oneLineEach } from "./schema.ts";

/**
 * Spark's configuration. Charts run both maps through `tpl`; the first is theirs and holds templates of their own, so
 * a launch leaves it alone.
 */
export function spark(): JsonSchema {
  return {
    $schema: draft,
    title: "Spark",
    type: "object",
    ...oneLineEach,
    properties: {
      ui: { type: "boolean", title: "Enable the monitoring interface", default: true },
      hostname: {
        type: "string",
        ...filledWith("{{project.id}}-{{k8s.randomSubdomain}}-spark.{{k8s.domain}}", { hidden: true }),
      },
      default: { type: "boolean", title: "Create a Spark configuration", default: true },
      disabledCertChecking: {
        type: "boolean",
        title: "Do not check the object store's certificate",
        description: "For tests only",
        default: false,
      },
      userConfig: {
        type: "object",
        title: "Spark configuration (spark-defaults.conf)",
        additionalProperties: noTemplate,
        default: userConfig,
        hidden: { value: false, path: "spark/default" },
      },
    },
    not: { required: ["config"] },
  };
}

/** Executors come and go with the work. @see https://spark.apache.org/docs/latest/configuration.html */
const userConfig = {
  "spark.dynamicAllocation.enabled": "true",
  "spark.dynamicAllocation.shuffleTracking.enabled": "true",
  "spark.dynamicAllocation.initialExecutors": "1",
  "spark.dynamicAllocation.minExecutors": "1",
  "spark.dynamicAllocation.maxExecutors": "10",
  "spark.executor.memory": "2g",
  "spark.driver.memory": "2g",
  // Tasks that write to the object store commit by a multipart upload's completion: the store renames nothing.
  "spark.hadoop.fs.s3a.bucket.all.committer.magic.enabled": "true",
};
