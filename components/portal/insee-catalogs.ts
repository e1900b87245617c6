/** Catalogues of INSEE, which the portal offers unless a stack file says otherwise. */

/**
 * Charts whose images are those of `docker.io/bitnamilegacy`, or of a part of theirs: an archive since Bitnami's left the free
 * registry, without a fix since. Read in the revisions of July (databases) and August 2026 (automation).
 */
const onArchivedImages = {
  automation: ["airflow", "argilla", "langfuse", "metaflow", "mlflow", "yatai"],
  databases: ["elastic", "hive-metastore", "kafka", "lakefs", "mariadb", "mongodb", "nocodb", "postgresql"],
};

/** They make or watch objects of kinds that somebody else has to bring into the cluster, with their operator. */
const onOthersKinds = { automation: ["argo-cd", "argo-workflows"], databases: ["postgresql-cnpg"] };

const repositories = "https://inseefrlab.github.io/helm-charts";

/** Their ids are such that the first one comes first. */
export const inseeCatalogs = [
  {
    id: "ide",
    name: { en: "Development environments", fr: "Environnements de développement" },
    description: {
      en: "Interactive services for data science.",
      fr: "Services interactifs pour la science des données.",
    },
    location: `${repositories}-interactive-services`,
    highlightedCharts: ["jupyter-python", "rstudio", "vscode-python"],
  },
  {
    id: "insee-automation",
    name: { en: "Automation", fr: "Automatisation" },
    description: { en: "Labelling of data.", fr: "Annotation de données." },
    location: `${repositories}-automation`,
    excludedCharts: [...onArchivedImages.automation, ...onOthersKinds.automation],
  },
  {
    id: "insee-databases",
    name: { en: "Databases", fr: "Bases de données" },
    description: { en: "Databases, and what reads them.", fr: "Bases de données, et ce qui les lit." },
    location: `${repositories}-databases`,
    excludedCharts: [...onArchivedImages.databases, ...onOthersKinds.databases],
  },
];
