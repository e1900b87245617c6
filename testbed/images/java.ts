import { addition } from "./base.ts";

/** A Java 21 runtime, as in upstream's images of Keycloak and Onyxia's API. */
export const java = addition("java", ["openjdk-21-jre-headless", "ca-certificates-java"]);

/** Where Debian puts it. */
export const javaHome = `/usr/lib/jvm/java-21-openjdk-${process.arch === "x64" ? "amd64" : process.arch}`;
