import { draft, filledWith, type JsonSchema, oneLineEach, whenEnabled } from "./schema.ts";

const secretText = { render: "password" };

/** Keys to the person's bucket. They end with the session that made them, see docs/object-store.md. */
export function objectStoreKeys(): JsonSchema {
  const text = (title: string, reference: string) => ({
    type: "string",
    title,
    ...filledWith(reference),
    ...whenEnabled,
  });
  return {
    $schema: draft,
    title: "Object store",
    description: "Keys to your bucket, as of the launch: they end within hours and are not renewed",
    type: "object",
    required: ["enabled"],
    ...oneLineEach,
    properties: {
      enabled: { type: "boolean", title: "Give the service access to your bucket", default: true },
      accessKeyId: text("Access key", "{{s3.AWS_ACCESS_KEY_ID}}"),
      endpoint: text("Endpoint", "{{s3.AWS_S3_ENDPOINT}}"),
      defaultRegion: text("Region", "{{s3.AWS_DEFAULT_REGION}}"),
      secretAccessKey: { ...text("Secret key", "{{s3.AWS_SECRET_ACCESS_KEY}}"), ...secretText },
      sessionToken: { ...text("Session token", "{{s3.AWS_SESSION_TOKEN}}"), ...secretText },
      pathStyleAccess: {
        type: "boolean",
        title: "Buckets in the path",
        default: false,
        ...filledWith("{{s3.pathStyleAccess}}"),
        ...whenEnabled,
      },
      workingDirectoryPath: { ...text("Working directory", "{{s3.workingDirectoryPath}}"), default: "" },
    },
  };
}
