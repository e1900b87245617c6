/** The few S3 requests that the page makes. */
import type { S3 } from "./configuration.ts";
import { ask, Failure } from "./failure.ts";
import { encoded, sha256, signedHeaders } from "./signature.ts";
import type { Credentials } from "./sts.ts";
import { elements, textOf } from "./xml.ts";

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly lastModified: string;
}

type Content = string | Blob;

export class ObjectStore {
  readonly #s3: S3;
  readonly #credentials: () => Promise<Credentials>;

  /** @param credentials Called for each request, so that it can renew them in time. */
  constructor(s3: S3, credentials: () => Promise<Credentials>) {
    this.#s3 = s3;
    this.#credentials = credentials;
  }

  async buckets(): Promise<string[]> {
    const xml = await (await this.#send("list-buckets", "GET", "", "")).text();
    return elements(xml, "Bucket").map((bucket) => textOf(bucket, "Name"));
  }

  async createBucket(bucket: string): Promise<void> {
    const region = this.#region;
    const location = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    await this.#send("create-bucket", "PUT", bucket, "", region === defaultRegion ? undefined : location);
  }

  async deleteBucket(bucket: string): Promise<void> {
    await this.#send("delete-bucket", "DELETE", bucket, "");
  }

  /** The first thousand whose keys begin so. */
  async list(bucket: string, prefix = ""): Promise<StoredObject[]> {
    const xml = await (await this.#send("list", "GET", bucket, "", undefined, { "list-type": "2", prefix })).text();
    return elements(xml, "Contents").map((entry) => ({
      key: textOf(entry, "Key"),
      size: Number(textOf(entry, "Size")),
      lastModified: textOf(entry, "LastModified"),
    }));
  }

  async upload(bucket: string, key: string, content: Content): Promise<void> {
    await this.#send("upload", "PUT", bucket, key, content);
  }

  async download(bucket: string, key: string): Promise<Blob> {
    return (await this.#send("download", "GET", bucket, key)).blob();
  }

  async delete(bucket: string, key: string): Promise<void> {
    await this.#send("delete", "DELETE", bucket, key);
  }

  get #region(): string {
    return this.#s3.region ?? defaultRegion;
  }

  async #send(
    step: string,
    method: string,
    bucket: string,
    key: string,
    content?: Content,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const url = this.#url(bucket, key);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const payload = await payloadOf(url, content);
    const headers = await signedHeaders({ method, url, payload }, await this.#credentials(), this.#region, new Date());
    const response = await ask(step, url.href, {
      method,
      headers,
      ...(content === undefined ? {} : { body: content }),
    });
    if (response.ok) return response;
    const xml = await response.text();
    throw new Failure(step, response.status, textOf(xml, "Code"), textOf(xml, "Message"));
  }

  #url(bucket: string, key: string): URL {
    const url = new URL(this.#s3.URL);
    const path = key.split("/").map(encoded).join("/");
    if (bucket === "" || (this.#s3.pathStyleAccess ?? true)) {
      url.pathname = bucket === "" ? "/" : key === "" ? `/${bucket}` : `/${bucket}/${path}`;
    } else {
      url.hostname = `${bucket}.${url.hostname}`;
      url.pathname = `/${path}`;
    }
    return url;
  }
}

const defaultRegion = "us-east-1";

/** Over TLS the body need not be signed, and a large file need not be read twice. */
async function payloadOf(url: URL, content: Content | undefined): Promise<string> {
  if (content !== undefined && url.protocol === "https:") return "UNSIGNED-PAYLOAD";
  return sha256(await new Blob(content === undefined ? [] : [content]).arrayBuffer());
}
