import { part } from "../part.ts";
import { awsSettings } from "./settings.ts";

export const aws = part({ key: "aws", settings: awsSettings.optional() });
