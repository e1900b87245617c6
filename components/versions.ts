/**
 * Every image and chart that the platform runs, in one place. `tag` tells people what it is, `digest` tells the node
 * what to run. Renovate updates both (renovate.json), which `unit/renovate` holds for every entry but EKS's add-ons.
 */

/** A container image. */
export interface Image {
  /** Registry host and repository. */
  readonly repository: string;
  readonly tag: string;
  /** Digest of the multi-platform index; undefined only where upstream's could not be confirmed from two sources. */
  readonly digest: `sha256:${string}` | undefined;
  /** Page that lists the releases. */
  readonly source: string;
}

/** A Helm chart. */
export interface ChartVersion {
  readonly name: string;
  readonly version: string;
  /** Address of the released archive. */
  readonly released: string;
  /** What an archive may be, as the SHA-256 of its bytes. */
  readonly digests: {
    /** The released archive, as upstream's index and its signature name it. */
    readonly released: `sha256:${string}`;
    /** The same chart as the toolchain packages it from upstream's sources, where the internet cannot be reached. */
    readonly packaged: `sha256:${string}`;
  };
  readonly source: string;
}

export const images = {
  traefik: {
    repository: "docker.io/library/traefik",
    tag: "v3.7.13",
    digest: "sha256:24841fe2de7304c149343d877d2923b4c8800a38ba015dea9174c23b20e344a0",
    source: "https://github.com/traefik/traefik/releases",
  },
  postgres: {
    repository: "docker.io/library/postgres",
    tag: "18.6",
    digest: "sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722",
    source: "https://hub.docker.com/_/postgres",
  },
  keycloak: {
    repository: "quay.io/keycloak/keycloak",
    tag: "26.7.5",
    digest: "sha256:37dbaf6f0722c9ec246335f36e1ef8b2e6cb960f7c27e0d8c615121a3d475a85",
    source: "https://github.com/keycloak/keycloak/releases",
  },
  /** Silo, the maintained MinIO-compatible server: MinIO's own images were deleted in September 2026. */
  minio: {
    repository: "docker.io/pgsty/silo",
    tag: "RELEASE.2026-09-16T00-00-00Z",
    digest: "sha256:635197cb9f36d01bee221d34d1c7d7960f6a95c48b0b6c01d99cd13bdae51a46",
    source: "https://github.com/pgsty/silo/releases",
  },
  minioClient: {
    repository: "docker.io/pgsty/mc",
    tag: "RELEASE.2026-09-16T00-00-00Z",
    digest: "sha256:cfc83108c3abb371f8fb84d99c1fdc88f8c237e022409b0081fb7c0a3be634dd",
    source: "https://github.com/pgsty/silo/releases",
  },
  /** Its releases stand under `vX.Y.Z`, its images under the number alone. */
  pypiron: {
    repository: "ghcr.io/blackthorn-interstellar/pypiron",
    tag: "0.0.29",
    digest: undefined,
    source: "https://github.com/blackthorn-interstellar/pypiron/releases",
  },
  /** Serves the catalogue, and the pages of its chart `static-site`. */
  nginx: {
    repository: "docker.io/nginxinc/nginx-unprivileged",
    tag: "1.31.3-alpine",
    digest: "sha256:18d67281256ded39ff65e010ae4f831be18f19356f83c60bc546492c7eb6dd23",
    source: "https://github.com/nginx/docker-nginx-unprivileged/releases",
  },
  minimalNotebook: {
    repository: "quay.io/jupyter/minimal-notebook",
    tag: "2026-10-05",
    digest: undefined,
    source: "https://github.com/jupyter/docker-stacks/blob/main/CHANGELOG.md",
  },
  /** The hub of upstream's chart, with the spawner and the authenticators that the settings name. */
  jupyterhub: {
    repository: "quay.io/jupyterhub/k8s-hub",
    tag: "4.4.2",
    digest: undefined,
    source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/releases",
  },
  hubProxy: {
    repository: "quay.io/jupyterhub/configurable-http-proxy",
    tag: "5.3.0",
    digest: undefined,
    source: "https://github.com/jupyterhub/configurable-http-proxy/releases",
  },
  /** What people's servers run unless a profile names another. Of the hub's release: they must have the same major version. */
  notebook: {
    repository: "quay.io/jupyterhub/k8s-singleuser-sample",
    tag: "4.4.2",
    digest: undefined,
    source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/releases",
  },
  /** Debian's packages `slapd` and `ldap-utils`, which the project OpenLDAP makes no image of. */
  openldap: {
    repository: "docker.io/vegardit/openldap",
    tag: "2.6.10",
    digest: undefined,
    source: "https://github.com/vegardit/docker-openldap",
  },
  onyxiaWeb: {
    repository: "docker.io/inseefrlab/onyxia-web",
    tag: "5.5.1",
    digest: undefined,
    source: "https://github.com/InseeFrLab/onyxia/releases",
  },
  onyxiaApi: {
    repository: "docker.io/inseefrlab/onyxia-api",
    tag: "v4.12.0",
    digest: undefined,
    source: "https://github.com/InseeFrLab/onyxia-api/releases",
  },
  certManagerController: {
    repository: "quay.io/jetstack/cert-manager-controller",
    tag: "v1.21.2",
    digest: "sha256:70f532fd9cfde0b09d55687200942399d89838bc2d5d5b45152eb799a15912b8",
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
  certManagerWebhook: {
    repository: "quay.io/jetstack/cert-manager-webhook",
    tag: "v1.21.2",
    digest: "sha256:a60e2dac46dbb8a7f3df95c54ce941012f54c2fe022f0ee55aaa1ab40ed957ae",
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
  certManagerCainjector: {
    repository: "quay.io/jetstack/cert-manager-cainjector",
    tag: "v1.21.2",
    digest: "sha256:c85268c64f2e0e76684bf5fe8906caff34b82523561c6affe0fae3546bd87562",
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
  certManagerStartupapicheck: {
    repository: "quay.io/jetstack/cert-manager-startupapicheck",
    tag: "v1.21.2",
    digest: "sha256:46e75b6866359ffb5d82624f41e3ed1c70b2994982702ced547ce5edb418a8f5",
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
  certManagerAcmesolver: {
    repository: "quay.io/jetstack/cert-manager-acmesolver",
    tag: "v1.21.2",
    digest: "sha256:699b40d622211ab7accad8a21b04c5fbaa1841ef7a12621e8de492dbe27b2503",
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
} as const satisfies Record<string, Image>;

export const charts = {
  certManager: {
    name: "cert-manager",
    version: "v1.21.2",
    released: "https://charts.jetstack.io/charts/cert-manager-v1.21.2.tgz",
    digests: {
      released: "sha256:73a56e1728edd6c99f1f31082618c3259d279a76b7ebd3d4bdc5475c2442d34a",
      packaged: "sha256:a7c017075e23190d268e5a5c13fd4183470bf322f5c0735e19e701a41eecdb49",
    },
    source: "https://github.com/cert-manager/cert-manager/releases",
  },
} as const satisfies Record<string, ChartVersion>;

/** A release of software that is told of, beside the images that it consists of. */
export interface Release {
  readonly version: string;
  readonly source: string;
}

export const releases = {
  /** The chart whose objects the portal's are, as its pages show it. */
  onyxia: { version: "11.5.1", source: "https://github.com/InseeFrLab/onyxia/releases" },
} as const satisfies Record<string, Release>;

/** Minor versions of Kubernetes that a cluster made here may have: those that the pinned cert-manager works on too. */
export type KubernetesVersion = "1.35" | "1.36";

export type AddonName =
  | "vpc-cni"
  | "kube-proxy"
  | "eks-pod-identity-agent"
  | "coredns"
  | "aws-ebs-csi-driver"
  | "aws-efs-csi-driver"
  | "metrics-server";

const addonsOfEveryVersion = {
  "vpc-cni": "v1.22.4-eksbuild.3",
  "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
  coredns: "v1.14.3-eksbuild.3",
  "aws-ebs-csi-driver": "v1.64.0-eksbuild.1",
  "aws-efs-csi-driver": "v3.4.1-eksbuild.1",
} as const;

/**
 * EKS add-ons, by the cluster's version. AWS lists what it offers with `aws eks describe-addon-versions`.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html
 */
export const addons: Readonly<Record<KubernetesVersion, Readonly<Record<AddonName, string>>>> = {
  "1.35": { ...addonsOfEveryVersion, "kube-proxy": "v1.35.3-eksbuild.13", "metrics-server": "v0.9.0-eksbuild.5" },
  "1.36": { ...addonsOfEveryVersion, "kube-proxy": "v1.36.0-eksbuild.14", "metrics-server": "v0.9.0-eksbuild.11" },
};
