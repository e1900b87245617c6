/** The recipe of each image that can be made here. */
import type { images } from "../../components/versions.ts";
import { certManagerImage, startupapicheckImage } from "./cert-manager/recipe.ts";
import { keycloakImage } from "./keycloak/recipe.ts";
import { minioClientImage, minioImage } from "./minio/recipe.ts";
import { nginxImage } from "./nginx/recipe.ts";
import { onyxiaApiImage, onyxiaWebImage } from "./onyxia/recipe.ts";
import { openldapImage } from "./openldap/recipe.ts";
import { postgresImage } from "./postgres/recipe.ts";
import { pypironImage } from "./pypiron/recipe.ts";
import type { ImageRecipe, Ingredients } from "./recipe.ts";
import { traefikImage } from "./traefik/recipe.ts";

/**
 * Of these the platform only tells others the name. cert-manager would start the one for certificates that a public
 * authority checks over HTTP; people start the other by a chart.
 */
export const unused = ["certManagerAcmesolver", "minimalNotebook"] as const satisfies readonly (keyof typeof images)[];

/** An image of `components/versions.ts` that is made here. */
export type ImageName = Exclude<keyof typeof images, (typeof unused)[number]>;

/** In the order in which they are made. */
export const recipes: Readonly<Record<ImageName, (from: Ingredients) => Promise<ImageRecipe>>> = {
  certManagerController: (from) => certManagerImage("controller", from),
  certManagerWebhook: (from) => certManagerImage("webhook", from),
  certManagerCainjector: (from) => certManagerImage("cainjector", from),
  certManagerStartupapicheck: startupapicheckImage,
  postgres: postgresImage,
  keycloak: keycloakImage,
  onyxiaApi: onyxiaApiImage,
  onyxiaWeb: onyxiaWebImage,
  minio: minioImage,
  minioClient: minioClientImage,
  openldap: openldapImage,
  pypiron: ({ workshop }) => pypironImage(workshop),
  nginx: nginxImage,
  traefik: ({ workshop }) => traefikImage(workshop),
};

export const imageNames = Object.keys(recipes) as readonly ImageName[];
