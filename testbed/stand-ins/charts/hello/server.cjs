// A page that says its greeting and how often it was visited; `/ready` is for the kubelet and does not count.
const { createServer } = require("node:http");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const process = require("node:process");

const { GREETING: greeting = "", VISITS: file = "/data/visits" } = process.env;
const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

createServer((request, response) => {
  if (request.url === "/ready") {
    response.end();
    return;
  }
  const visits = (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0) + (request.url === "/" ? 1 : 0);
  writeFileSync(file, String(visits));
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(
    `<!doctype html><title>hello</title><h1>${escaped(greeting)}</h1><p>Visits: <span id="visits">${visits}</span></p>`,
  );
}).listen(8080, () => process.stdout.write("hello listens on 8080\n"));
