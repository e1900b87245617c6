/** Calls of a server, each with a program that people use in notebooks. */

export interface Call {
  readonly command: readonly string[];
  /** Path that the server is asked for at least. */
  readonly asks: string;
  /** What only an answer brings to the output. */
  readonly prints: RegExp;
  /** Whether the program brings authorities of its own, so that the machine's bundle is not enough. */
  readonly bringsOwn: boolean;
  /** Whether it wants of authorities what RFC 5280 wants: Python does from 3.13 on. */
  readonly strict: boolean;
}

const bucket = /alice/;
const packageVersion = /lab[-_]demo.*1\.0/;

/** @param url of the server, without a path */
export function calls(url: string): Readonly<Record<string, Call>> {
  const get = (bringsOwn: boolean, ...command: readonly string[]): Call => ({
    command,
    asks: "/",
    prints: bucket,
    bringsOwn,
    strict: false,
  });
  const python = (traits: Pick<Call, "bringsOwn" | "strict">, ...lines: readonly string[]): Call => ({
    ...get(traits.bringsOwn, "python", "-c", lines.join("\n")),
    ...traits,
  });
  return {
    curl: get(false, "curl", "--fail", "--silent", "--show-error", `${url}/`),
    git: {
      command: ["git", "ls-remote", `${url}/repository.git`],
      asks: "/repository.git/info/refs",
      prints: /refs\/heads\/main/,
      bringsOwn: false,
      strict: false,
    },
    Java: get(false, "java", "/tmp/Call.java", `${url}/`),
    R: get(false, "Rscript", "-e", `writeLines(readLines(url("${url}/")))`),
    "curl of R": get(false, "Rscript", "-e", `cat(rawToChar(curl::curl_fetch_memory("${url}/")$content))`),
    "urllib of Python": python(
      { bringsOwn: false, strict: true },
      "import urllib.request",
      `print(urllib.request.urlopen("${url}/").read().decode())`,
    ),
    boto3: python(
      { bringsOwn: true, strict: false },
      "import boto3, botocore.config",
      "once = botocore.config.Config(retries={'total_max_attempts': 1})",
      `print(boto3.client("s3", endpoint_url="${url}", config=once).list_buckets()["Buckets"])`,
    ),
    requests: python({ bringsOwn: true, strict: true }, "import requests", `print(requests.get("${url}/").text)`),
    httpx: python({ bringsOwn: true, strict: true }, "import httpx", `print(httpx.get("${url}/").text)`),
    pip: {
      command: ["pip", "index", "versions", "--retries=0", `--index-url=${url}/simple/`, "lab-demo"],
      asks: "/simple/lab-demo/",
      prints: packageVersion,
      bringsOwn: false,
      strict: false,
    },
    uv: {
      command: ["uv", "pip", "compile", "--no-cache", `--index-url=${url}/simple/`, "-"],
      asks: "/simple/lab-demo/",
      prints: packageVersion,
      bringsOwn: true,
      strict: false,
    },
    "Node.js": get(true, "node", "-e", `fetch("${url}/").then((answer) => answer.text()).then(console.log)`),
  };
}
