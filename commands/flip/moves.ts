/** What a person has to carry over by hand, with the commands. */
import { homeOf, type StorageHome } from "../../components/access/access-model.ts";
import { databaseWorkload, keycloakWorkload } from "../../components/identity/names.ts";
import { namespaces } from "../../components/names.ts";
import { credentialKeys, credentialsSecret } from "../../components/object-store/credentials.ts";
import { packagesBucket, packagesName, serverProgram } from "../../components/packages/names.ts";
import { servicePlaceBucket } from "../../components/object-store/storage-layout.ts";
import { planOf } from "../../stacks/plan.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { DataLoss } from "./data.ts";

/** Data that Pulumi does not carry over. Comments begin with `#`. */
export interface Move {
  readonly what: string;
  /** While the old part still runs. */
  readonly before: readonly string[];
  /** When the new part runs. */
  readonly after: readonly string[];
}

const folder = "datalab-move";

/** What has to be carried over. Without the present settings nothing is known of the old places. */
export function movesOf(losses: readonly DataLoss[], before: Settings | undefined, after: Settings): Move[] {
  const lost = (part: string) => losses.some(({ resource }) => resource.urn.includes(part));
  const clusterChanges = before !== undefined && isOtherCluster(before, after);
  const moves: Move[] = [];
  if (lost(":MinioTenant$kubernetes:apps/v1:StatefulSet") && before?.objectStore.kind === "minio") {
    moves.push(fromMinio(before, after));
    moves.push(...packages(before, after));
  }
  if (lost(":S3ObjectStore$aws:s3/bucket") && before?.objectStore.kind === "s3") moves.push(fromS3(before, after));
  if (lost(":S3ServicePlace$aws:s3/bucket") && before?.objectStore.kind === "s3")
    moves.push(...packages(before, after));
  if (before?.objectStore.kind === "external" && homes(before) !== homes(after))
    moves.push(fromExternal(before, after));
  if (lost(":PostgresDatabase$kubernetes:apps/v1:StatefulSet")) moves.push(logins(after));
  if (clusterChanges || lost("aws:efs/fileSystem") || lost("aws:eks/cluster:Cluster")) moves.push(homeVolumes());
  if (lost("aws:route53/zone:Zone")) moves.push(zone(after));
  return moves;
}

function isOtherCluster(before: Settings, after: Settings): boolean {
  return (
    before.cluster.kind !== after.cluster.kind || before.cluster.clusterIdentifier !== after.cluster.clusterIdentifier
  );
}

function fromMinio(before: Settings, after: Settings): Move {
  return {
    what: "the users' objects: versions of objects are not carried over, only the newest",
    before: [minioAlias("old", before), `mkdir -p ${folder}`, `mc mirror --preserve old ${folder}`],
    after: upload(before, after),
  };
}

/** The bucket of the package index: files and what tells of them. The index itself is made again from these. */
function packages(before: Settings, after: Settings): Move[] {
  const from = packagesPlace("old", before);
  if (from === undefined) return [];
  const to = packagesPlace("new", after);
  const files = `${folder}/${packagesBucket}`;
  const rebuild = `kubectl --namespace ${namespaces.packages} exec deployment/${packagesName} -- ${serverProgram} rebuild-index`;
  const withoutServer = `# pip needs no server for them: pip install --no-index --find-links ${files}/packages/<name> <name>`;
  return [
    {
      what: "packages: the files of the platform's own index",
      before: from.read(files),
      after: to === undefined ? [withoutServer] : [...to.write(files), rebuild],
    },
  ];
}

interface Place {
  readonly read: (files: string) => string[];
  readonly write: (files: string) => string[];
}

/** How the bucket of the package index is read and filled; undefined where there is none. */
function packagesPlace(alias: string, settings: Settings): Place | undefined {
  if (settings.packages?.engine !== "pypiron") return undefined;
  switch (settings.objectStore.kind) {
    case "minio": {
      const login = minioAlias(alias, settings);
      const bucket = `${alias}/${packagesBucket}`;
      return {
        read: (files) => [login, `mc mirror --preserve ${bucket} ${files}`],
        write: (files) => [login, `mc mirror --preserve --overwrite ${files} ${bucket}`],
      };
    }
    case "s3": {
      const { aws, platform } = settings;
      const bucket = `s3://${servicePlaceBucket(packagesBucket, { domain: platform.domain, accountId: aws?.accountId })}`;
      return {
        read: (files) => [`aws s3 sync ${bucket} ${files}`],
        write: (files) => [`aws s3 sync ${files} ${bucket}`],
      };
    }
    case "external":
      return undefined;
  }
}

function fromS3(before: Settings, after: Settings): Move {
  const { bucket } = home(before, "");
  return {
    what: "the users' objects: versions of objects are not carried over, only the newest",
    before: [`aws s3 sync s3://${bucket} ${folder}/${bucket}`],
    after: upload(before, after),
  };
}

function fromExternal(before: Settings, after: Settings): Move {
  const { endpoint } = before.objectStore as Extract<Settings["objectStore"], { kind: "external" }>;
  return {
    what: "the users' objects: they stay in the store outside, and people no longer see them",
    before: [
      `mc alias set old ${endpoint} '<access key>' '<secret key>'`,
      `mkdir -p ${folder}`,
      `mc mirror --preserve old ${folder}`,
    ],
    after: upload(before, after),
  };
}

/** From the folder to each user's new place. */
function upload(before: Settings, after: Settings): string[] {
  const from = home(before, "$user");
  const to = home(after, "$user");
  const userOf = patternOf(home(before, "*"));
  const source = `${folder}/${from.bucket}/${from.prefix}`;
  const each = (command: string) => `for user in $(ls -d ${userOf.glob} | ${userOf.name}); do ${command}; done`;
  switch (after.objectStore.kind) {
    case "s3":
      return [each(`aws s3 sync "${source}" "s3://${to.bucket}/${to.prefix}"`)];
    case "minio":
      return [
        minioAlias("new", after),
        each(`${makeBucket(to)}mc mirror --preserve "${source}" "new/${to.bucket}/${to.prefix}"`),
      ];
    case "external":
      return [
        `mc alias set new ${after.objectStore.endpoint} '<access key>' '<secret key>'`,
        each(`${makeBucket(to)}mc mirror --preserve "${source}" "new/${to.bucket}/${to.prefix}"`),
      ];
  }
}

function makeBucket({ bucket }: StorageHome): string {
  return bucket.includes("$user") ? `mc mb --ignore-existing "new/${bucket}"; ` : "";
}

/** How the shell finds the users among what was copied. */
function patternOf({ bucket, prefix }: StorageHome): { glob: string; name: string } {
  const [head = "", tail = ""] = `${bucket}/${prefix}`.replace(/\/+$/, "").split("*");
  const path = `${folder}/${head}`;
  const strip = [`s|^${path}||`, ...(tail === "" ? [] : [`s|${tail}$||`])].join("; ");
  return { glob: `${path}*${tail}`, name: `sed '${strip}'` };
}

function minioAlias(name: string, settings: Settings): string {
  const key = (field: string) =>
    `"$(kubectl --namespace ${namespaces.objectStore} get secret ${credentialsSecret} --output go-template='{{.data.${field} | base64decode}}')"`;
  const { objectStore } = planOf(settings).addresses;
  return `mc alias set ${name} ${objectStore} ${key(credentialKeys.rootUser)} ${key(credentialKeys.rootPassword)}`;
}

function home(settings: Settings, username: string): StorageHome {
  return homeOf(planOf(settings).access, username);
}

function homes(settings: Settings): string {
  return JSON.stringify([settings.objectStore.kind, home(settings, "")]);
}

/** Keycloak's database: users, their passwords, groups, sessions. Its passwords are in the state, and stay the same. */
function logins({ identity }: Settings): Move {
  const kubectl = `kubectl --namespace ${namespaces.identity}`;
  const database = "--username=keycloak --dbname=keycloak";
  return {
    what: "logins: users, their passwords and groups, in Keycloak's database",
    before: [`${kubectl} exec statefulset/${databaseWorkload} -- pg_dump ${database} --format=custom > keycloak.dump`],
    after: [
      `${kubectl} scale statefulset/${keycloakWorkload} --replicas=0`,
      `${kubectl} wait --for=delete pod --selector=app.kubernetes.io/name=${keycloakWorkload} --timeout=5m`,
      `${kubectl} exec --stdin statefulset/${databaseWorkload} -- pg_restore ${database} --clean --if-exists --no-owner --exit-on-error < keycloak.dump`,
      `${kubectl} scale statefulset/${keycloakWorkload} --replicas=${identity.replicas}`,
    ],
  };
}

/** Volumes of users' services are made by the portal and its charts: the state does not know them. */
function homeVolumes(): Move {
  return {
    what: "volumes of users' services: they are not in this report, because the portal makes them",
    before: [
      "kubectl get persistentvolumeclaims --all-namespaces | grep -E '^(user|project)-'",
      "# Each one, while its service runs; or let people save their files to their bucket:",
      `kubectl --namespace <namespace> exec <pod> -- tar --create --gzip --directory <mount path> . > <claim>.tgz`,
    ],
    after: [
      "# When its owner has launched the service again:",
      `kubectl --namespace <namespace> exec --stdin <pod> -- tar --extract --gzip --directory <mount path> < <claim>.tgz`,
    ],
  };
}

function zone({ platform, dns }: Settings): Move {
  const place = dns.kind === "route53" ? "in the new zone" : "where the domain is served from now on";
  return {
    what: `records of ${platform.domain} that are not the platform's own`,
    before: ["aws route53 list-resource-record-sets --hosted-zone-id <id> > records.json"],
    after: [`# Create them ${place}, and let your registrar name its name servers.`],
  };
}
