/** What the image's start script and its nginx do. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { extname, join, normalize } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are written into the page: those of the real image's `.env` that this page reads. */
export const pageVariables = [
  "ONYXIA_API_URL",
  "ONYXIA_VERSION",
  "HEADER_TEXT_FOCUS",
  "TAB_TITLE",
  "SOCIAL_MEDIA_DESCRIPTION",
  "AUTHENTICATION_GLOBALLY_REQUIRED",
] as const;

const sources = join(import.meta.dirname, "pages");

/**
 * Empties the folder, copies the pages into it and writes the environment into `index.html`.
 * @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/Dockerfile
 */
export function layOut(folder: string, environment: Environment): void {
  mkdirSync(folder, { recursive: true });
  // The folder itself is a mount, which cannot be removed.
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  cpSync(sources, folder, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".ts"))) {
    const script = stripTypeScriptTypes(readFileSync(join(folder, name), "utf8"));
    writeFileSync(join(folder, name), script);
  }
  const index = join(folder, "index.html");
  writeFileSync(index, withEnvironment(readFileSync(index, "utf8"), environment));
}

/** The page with the variables as JSON, in base64 so that no value can end the element, and with its title. */
export function withEnvironment(page: string, environment: Environment): string {
  const values = Object.fromEntries(pageVariables.map((name) => [name, environment[name] ?? ""]));
  const json = Buffer.from(JSON.stringify(values)).toString("base64");
  return page
    .replace("%ENVIRONMENT%", () => json)
    .replace("%TAB_TITLE%", () => escaped(environment["TAB_TITLE"] ?? "Onyxia"));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ts": "text/javascript; charset=utf-8",
};

/** Serves the folder; every other path gets the page, because the application makes up its paths itself. */
export function webServer(folder: string): Server {
  return createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const file = fileFor(folder, request.url ?? "/");
    const type = extname(file);
    const body = readFileSync(file);
    response.writeHead(200, {
      "content-type": types[type] ?? "application/octet-stream",
      "content-length": body.length,
      "cache-control": "no-cache",
      ...(type === ".html" ? { "content-security-policy": contentSecurityPolicy(request.headers.host ?? "") } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
}

/**
 * The frame of the silent login may only be below the last two labels of the portal's host.
 * @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/nginx.conf
 */
export function contentSecurityPolicy(host: string): string {
  const base = host.replace(/:\d+$/, "").split(".").slice(-2).join(".");
  const frames = [`https://*.${base}`, `https://${base}`].flatMap((origin) => [origin, `${origin}:*`]);
  return `frame-src ${frames.join(" ")}; frame-ancestors 'self'; worker-src 'self'; object-src 'none'`;
}

function fileFor(folder: string, url: string): string {
  const index = join(folder, "index.html");
  let path: string;
  try {
    path = normalize(decodeURIComponent(url.replace(/[?#].*$/, "")));
  } catch {
    return index;
  }
  if (path.includes("..") || path.includes("\0")) return index;
  const file = join(folder, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : index;
}
