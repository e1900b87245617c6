/** Software that nobody maintains any more, with the date and who said so. */
export interface Retired {
  /** Part of an image's name. */
  readonly image: RegExp;
  readonly what: string;
  readonly since: string;
  readonly source: string;
}

export const retired: readonly Retired[] = [
  {
    image: /(^|\/)minio\/(minio|mc)([:@]|$)/,
    what: "MinIO's own images: the repository is archived, images are no longer published",
    since: "2025-10",
    source: "https://github.com/minio/minio/issues/21647",
  },
  {
    image: /ingress-nginx\/controller/,
    what: "ingress-nginx: retired, no more security fixes",
    since: "2026-03",
    source: "https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",
  },
  {
    image: /(^|\/)bitnamilegacy\//,
    what: "Bitnami's old images: frozen, they get no updates",
    since: "2025-08-28",
    source: "https://github.com/bitnami/charts/issues/35164",
  },
];
