/** The recipe of each image that can be made here. */
import type { images } from "../../components/versions.ts";
import { certManagerImage, startupapicheckImage } from "./cert-manager/recipe.ts";
import { keycloakImage } from "./keycloak/recipe.ts";
import { notebookImage } from "./jupyter/recipe.ts";
import { minioClientImage, minioImage } from "./minio/recipe.ts";
import { nginxImage } from "./nginx/recipe.ts";
import { onyxiaApiImage, onyxiaWebImage } from "./onyxia/recipe.ts";
import { postgresImage } from "./postgres/recipe.ts";
import { pypironImage } from "./pypiron/recipe.ts";
import type { ImageRecipe, Ingredients } from "./recipe.ts";
import { traefikImage } from "./traefik/recipe.ts";

/**
 * Of the first the platform only tells cert-manager the name: it would start it for certificates that a public authority
 * checks over HTTP. The rest is tried as programs (testbed/hub), not on the node.
 */
export const unused = [
  "certManagerAcmesolver",
  "jupyterhub",
  "hubProxy",
  "notebook",
] as const satisfies readonly (keyof typeof images)[];

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
  pypiron: ({ workshop }) => pypironImage(workshop),
  nginx: nginxImage,
  minimalNotebook: notebookImage,
  traefik: ({ workshop }) => traefikImage(workshop),
};

export const imageNames = Object.keys(recipes) as readonly ImageName[];
