/** Real programs of a notebook call a server whose certificate comes from a private authority. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { ensureNotebook, notebookUnavailable } from "../../testbed/notebook/notebook.ts";
import { joined } from "../../components/certificates/authorities.ts";
import { caBundleKey } from "../../components/kubernetes/ca-bundle.ts";
import { trustBundle } from "../../components/portal/schemas/environment-variables.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import { type Launched, launched } from "../support/private-ca/launched.ts";
import { Notebook } from "../support/private-ca/notebook.ts";
import { calls } from "../support/private-ca/programs.ts";
import { type AnyServer, startServer } from "../support/private-ca/server.ts";

// Each call is a program, and the machine may be busy.
jest.setTimeout(120_000);

const reason = notebookUnavailable();
if (reason !== undefined) console.warn(`Skipped: ${reason}.`);

const host = "s3.example.test";
const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_DEFAULT_REGION: "us-east-1" };
const names = Object.keys(calls(""));
const certificatesOf = (pem: string) => pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
const certificatesIn = ({ root }: Notebook) => certificatesOf(readFileSync(join(root, trustBundle), "utf8"));
const untrusted = /certificate|PKIX/i;

(reason === undefined ? describe : describe.skip)("a notebook, and a server of a private authority", () => {
  let folder: string;
  let server: AnyServer, lax: AnyServer;
  let given: Launched;
  /** The image as it comes; with the authorities laid into it; and started, with `sudo`. */
  let bare: Notebook, laid: Notebook, started: Notebook;

  beforeAll(async () => {
    const tree = await ensureNotebook();
    folder = mkdtempSync(join(tmpdir(), "datalab-private-ca-"));
    const [own, old] = [await makeAuthority("datalab CA of example.test"), await makeAuthority("old", false)];
    server = await startServer(await issue(own, { names: [host], ...validNow }));
    lax = await startServer(await issue(old, { names: [host], ...validNow }));
    // Two, as with `platform.authorities`.
    given = await launched(joined(own.certificate, old.certificate), "jupyter-python");
    const notebook = (name: string) => new Notebook(join(folder, name), tree, host);
    bare = notebook("bare");
    laid = notebook("laid");
    started = notebook("started");
    laid.lay(given.certificates);
    started.lay(given.certificates);
    await started.renewBundle();
  }, 1_800_000);

  afterAll(async () => {
    await server.close();
    await lax.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What became of a call: `accepted`, `refused` for the certificate, or what else was seen. */
  async function outcome(notebook: Notebook, name: string, variables: Readonly<Record<string, string>>, of = server) {
    const { command, asks, prints } = calls(`https://${host}:${of.port}`)[name]!;
    of.asked();
    const { code, output } = await notebook.run(command, { ...keys, ...variables });
    const asked = of.asked();
    if (code === 0 && prints.test(output) && asked.includes(asks)) return "accepted";
    return asked.length === 0 && code !== 0 && untrusted.test(output) ? "refused" : { code, output, asked };
  }

  it.each(names)("%s refuses in the image as it comes", async (name) => {
    expect(await outcome(bare, name, {})).toBe("refused");
  });

  it.each(names)("%s accepts in a launched notebook", async (name) => {
    expect(await outcome(started, name, given.variables)).toBe("accepted");
  });

  it.each(names)("%s needs the variables only if it brings authorities of its own", async (name) => {
    const { bringsOwn } = calls("")[name]!;
    expect(await outcome(started, name, {})).toBe(bringsOwn ? "refused" : "accepted");
  });

  it.each(names)("%s refuses where the start script has no sudo", async (name) => {
    expect(await outcome(laid, name, given.variables)).toBe("refused");
  });

  it.each(names)(
    "%s refuses an authority that does not say what its key is for only if it checks strictly",
    async (name) => {
      const { strict } = calls("")[name]!;
      expect(await outcome(started, name, given.variables, lax)).toBe(strict ? "refused" : "accepted");
    },
  );

  it("trusts the public authorities as before", () => {
    const before = certificatesIn(bare);
    expect(before.length).toBeGreaterThan(100);
    expect(certificatesIn(started)).toEqual(
      expect.arrayContaining([...before, ...certificatesOf(given.trust[caBundleKey]!)]),
    );
  });

  it("lets people name what the chart has laid, or what datalab-trust holds", async () => {
    bare.write("tmp/trust.crt", given.trust[caBundleKey]!);
    const told = (file: string) => ({ ...given.variables, AWS_CA_BUNDLE: file });
    expect(await outcome(bare, "boto3", told("/tmp/trust.crt"))).toBe("accepted");
    const { pathToCaBundle } = given.certificates;
    expect(await outcome(laid, "boto3", told(join(pathToCaBundle, "cert.1.crt")))).toBe("accepted");
  });
});
