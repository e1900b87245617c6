/** `pulumi up`: reads the stack file, builds the platform, exports where it is. */
import { datalab } from "./stacks/datalab.ts";
import { loadSettings } from "./stacks/settings.ts";

export const { portal, identity, objectStore, objectStoreConsole, services, address, firstPasswords } =
  datalab(loadSettings());
