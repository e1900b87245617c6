/** What a person does with the storage. */
import { bookmarkedPlaces, placeOf, type S3 } from "./configuration.ts";
import { element } from "./dom.ts";
import { Failure } from "./failure.ts";
import { ObjectStore, type StoredObject } from "./object-store.ts";
import type { Session } from "./session.ts";
import { assumeRole, type Credentials } from "./sts.ts";
import { attempt, showObjects } from "./view.ts";

/** Exchanges the token, opens the own bucket and puts the buttons into force. */
export async function offerStorage(s3: S3, portal: Session, storage: Session): Promise<void> {
  const credentials = renewedCredentials(s3, storage);
  await credentials();
  const store = new ObjectStore(s3, credentials);
  const [place] = bookmarkedPlaces(s3.bookmarks ?? [], storage.claims);
  if (place === undefined) throw new Failure("configuration", 200, "bookmark", "No bookmark fits this user.");
  const own = placeOf(place);
  element("own-bucket").textContent = place.replace("s3://", "").replace(/\/$/, "");
  element("bucket").value = own.bucket;
  Object.assign(element("bucket").dataset, own);
  element("key").value = own.prefix;
  element("endpoint").textContent = new URL(s3.URL).host;
  bindActions(store, portal, storage);
  await attempt("list", `Opening ${own.bucket}`, () => openBucket(store));
}

/** Credentials are asked for anew when nine tenths of their life are over. */
function renewedCredentials(s3: S3, storage: Session): () => Promise<Credentials> {
  let current: { readonly credentials: Credentials; readonly renewal: number } | undefined;
  return async () => {
    if (current === undefined || Date.now() > current.renewal) {
      const asked = Date.now();
      const credentials = await assumeRole(s3, await storage.accessToken());
      current = { credentials, renewal: asked + (credentials.expiration.getTime() - asked) * 0.9 };
      element("expiration").textContent = credentials.expiration.toISOString().slice(0, 16).replace("T", " ");
    }
    return current.credentials;
  };
}

/** Lists the bucket of the field; one that is missing may be created. */
async function openBucket(store: ObjectStore): Promise<string> {
  const { value: bucket, dataset: own } = element("bucket");
  element("create-bucket").hidden = true;
  for (const id of ["downloaded", "preview", "count"]) element(id).textContent = "";
  element("objects").replaceChildren();
  try {
    const objects = await store.list(bucket, bucket === own["bucket"] ? own["prefix"] : "");
    show(store, objects);
    return `${bucket} has ${objects.length === 1 ? "1 object" : `${objects.length} objects`}.`;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "NoSuchBucket") throw error;
    element("create-bucket").hidden = false;
    return `${bucket} does not exist yet.`;
  }
}

function show(store: ObjectStore, objects: readonly StoredObject[]): void {
  showObjects(objects, {
    download: (key) => {
      element("key").value = key;
      void attempt("download", `Downloading ${key}`, () => download(store));
    },
    remove: (key) => {
      element("key").value = key;
      void attempt("delete", `Deleting ${key}`, () => remove(store));
    },
  });
}

function bindActions(store: ObjectStore, portal: Session, storage: Session): void {
  const bucket = () => element("bucket").value;
  const on = (id: string, step: string, what: () => string, action: () => Promise<string>) => {
    element(id).addEventListener("click", () => {
      void attempt(step, what(), action);
    });
  };
  on(
    "open-bucket",
    "list",
    () => `Opening ${bucket()}`,
    () => openBucket(store),
  );
  on(
    "create-bucket",
    "create-bucket",
    () => `Creating ${bucket()}`,
    async () => {
      await store.createBucket(bucket());
      await openBucket(store);
      return `${bucket()} was created.`;
    },
  );
  on(
    "delete-bucket",
    "delete-bucket",
    () => `Deleting ${bucket()}`,
    async () => {
      await store.deleteBucket(bucket());
      await openBucket(store);
      return `${bucket()} was deleted.`;
    },
  );
  on(
    "upload",
    "upload",
    () => `Uploading ${keyToUpload()}`,
    () => upload(store),
  );
  on(
    "download",
    "download",
    () => `Downloading ${element("key").value}`,
    () => download(store),
  );
  on(
    "delete",
    "delete",
    () => `Deleting ${element("key").value}`,
    () => remove(store),
  );
  on(
    "list-buckets",
    "list-buckets",
    () => "Listing all buckets",
    async () => {
      const names = await store.buckets();
      element("buckets").textContent = names.join("\n");
      return names.length === 0 ? "No bucket was named." : `Buckets: ${names.join(", ")}`;
    },
  );
  on(
    "refresh-tokens",
    "refresh",
    () => "Renewing the tokens",
    async () => {
      await portal.refresh();
      await storage.refresh();
      return `The portal's token is valid until ${portal.expiry.toISOString()}.`;
    },
  );
}

function chosenFile(): File | undefined {
  return element("file").files?.[0];
}

function keyToUpload(): string {
  const key = element("key").value;
  return key === "" ? (chosenFile()?.name ?? "") : key;
}

/** The file, or the text where none is chosen. */
async function upload(store: ObjectStore): Promise<string> {
  const [bucket, key] = [element("bucket").value, keyToUpload()];
  if (key === "") throw new Failure("upload", 0, "key", "Choose a file or name the object.");
  await store.upload(bucket, key, chosenFile() ?? element("content").value);
  await openBucket(store);
  return `${key} was uploaded to ${bucket}.`;
}

/** What is shown of an object as text, at most. */
const shownBytes = 4096;

async function download(store: ObjectStore): Promise<string> {
  const [bucket, key] = [element("bucket").value, element("key").value];
  const content = await store.download(bucket, key);
  const link = element("downloaded");
  link.href = URL.createObjectURL(content);
  link.download = key.split("/").at(-1) ?? key;
  link.dataset["size"] = String(content.size);
  link.textContent = `Save ${link.download}`;
  element("preview").textContent = await content.slice(0, shownBytes).text();
  return `${key} was downloaded from ${bucket}.`;
}

async function remove(store: ObjectStore): Promise<string> {
  const [bucket, key] = [element("bucket").value, element("key").value];
  await store.delete(bucket, key);
  await openBucket(store);
  return `${key} was deleted from ${bucket}.`;
}
