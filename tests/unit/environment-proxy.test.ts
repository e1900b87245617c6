import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";

import { goEnvironment } from "../../testbed/toolchain/go.ts";
import { canDownload, downloadHosts } from "../../testbed/toolchain/reachable.ts";
import { downloadFile } from "../../components/charts/download.ts";
import { byEnvironmentProxy, proxyAdvice } from "../../components/charts/environment-proxy.ts";

/** A proxy that lets nobody through, and notes who wanted to. */
const asked: string[] = [];
const proxy = http.createServer().on("connect", ({ url = "" }, socket) => {
  asked.push(url);
  socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
});
/** A server on this machine. */
const here = http.createServer((_, response) => response.end("here"));
const portOf = (server: http.Server) => (server.address() as AddressInfo).port;

const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));

function environment(values: Record<string, string>): void {
  for (const name of names) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, values);
}

beforeAll(async () => {
  await Promise.all([proxy, here].map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
});

beforeEach(() => {
  asked.length = 0;
  const address = `http://127.0.0.1:${portOf(proxy)}`;
  environment({ HTTPS_PROXY: address, HTTP_PROXY: address, NO_PROXY: "*.corp.invalid" });
});

afterEach(() => {
  environment(Object.fromEntries(Object.entries(before).flatMap(([name, value]) => (value ? [[name, value]] : []))));
});

afterAll(() => {
  for (const server of [proxy, here]) server.close().closeAllConnections();
});

describe("the proxy that the machine names", () => {
  it("is asked by downloads of charts, except for what goes past it", async () => {
    await expect(downloadFile("https://charts.invalid/a.tgz")).rejects.toThrow("no connection");
    expect(asked).toEqual(["charts.invalid:443"]);
    await expect(downloadFile("https://charts.corp.invalid/a.tgz")).rejects.toThrow("no connection");
    expect(asked).toHaveLength(1);
  });

  it("is asked by the toolchain, which then builds", async () => {
    expect(await canDownload(new AbortController().signal)).toBe(false);
    // The first refusal is the answer; the others are still on their way.
    while (asked.length < downloadHosts.length) await sleep(10);
    expect(asked.toSorted()).toEqual(downloadHosts.map((host) => `${host}:443`).toSorted());
    expect(goEnvironment("/tmp")["HTTPS_PROXY"]).toBe(process.env["HTTPS_PROXY"]);
  });

  it("is not asked for this machine, nor after the last call has ended", async () => {
    const url = `http://127.0.0.1:${portOf(here)}/`;
    const text = () => fetch(url).then((answer) => answer.text());
    expect(await byEnvironmentProxy(text)).toBe("here");
    await Promise.allSettled([byEnvironmentProxy(text), downloadFile("https://charts.invalid/a.tgz")]);
    expect(asked).toEqual(["charts.invalid:443"]);
    await fetch("https://later.invalid/").catch(() => undefined);
    expect(asked).toEqual(["charts.invalid:443"]);
  });

  it("is not asked where there is none", async () => {
    environment({});
    await expect(downloadFile("https://charts.invalid/a.tgz")).rejects.toThrow("no connection");
    expect(asked).toEqual([]);
    expect(proxyAdvice()).toBeUndefined();
  });

  it("is named, with a way out, where this Node.js cannot be told of it", () => {
    expect(proxyAdvice()).toBeUndefined();
    expect(proxyAdvice({})).toContain("24.14");
    environment({});
    expect(proxyAdvice({})).toBeUndefined();
  });
});
